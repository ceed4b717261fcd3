list(APPEND CONNECTORS_SOURCES
    medicapp/answer_keys.cpp
    medicapp/answer_words.cpp
    medicapp/answers.cpp
    medicapp/bodies.cpp
    medicapp/client.cpp
    medicapp/condition.cpp
    medicapp/eraser.cpp
    medicapp/exchange.cpp
    medicapp/gate.cpp
    medicapp/medicapp.cpp
    medicapp/page_numbers.cpp
    medicapp/plain_read.cpp
    medicapp/verdict.cpp)
list(APPEND CONNECTORS_PRIVATE medibridge_json)
