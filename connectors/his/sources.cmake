list(APPEND CONNECTORS_SOURCES
    his/content_digest.cpp
    his/field_rule.cpp
    his/inbox_source.cpp
    his/json_outline.cpp
    his/json_page.cpp
    his/page_request.cpp
    his/paging.cpp
    his/pass_proof.cpp
    his/record_mapping.cpp
    his/rest_client.cpp
    his/rest_source.cpp
    his/retrying_get.cpp
    his/source.cpp
    his/text_format.cpp
    his/text_format_io.cpp
    his/time_text.cpp
    his/time_zone.cpp)
list(APPEND CONNECTORS_PRIVATE medibridge_json date::date-tz PkgConfig::sodium)
