#pragma once

#include <array>
#include <string_view>

/// The words of which invented patients are made: common French first names, surnames, streets and
/// towns. Any likeness of a combination to a living person is chance.
namespace medibridge::sandbox::words {

inline constexpr auto women = std::to_array<std::string_view>({
    "Marie",    "Jeanne",   "Françoise", "Monique",  "Catherine", "Nathalie",  "Isabelle",
    "Sylvie",   "Anne",     "Martine",   "Hélène",   "Cécile",    "Émilie",    "Aurélie",
    "Céline",   "Élodie",   "Léa",       "Manon",    "Camille",   "Chloé",     "Zoé",
    "Inès",     "Maëlle",   "Anaïs",     "Noémie",   "Agnès",     "Geneviève", "Thérèse",
    "Solène",   "Gaëlle",   "Fatima",    "Aïcha",    "Mariam",    "Salomé",    "Loïse",
    "Apolline", "Clémence", "Eugénie",   "Béatrice", "Véronique", "Stéphanie", "Mélanie",
});

inline constexpr auto men = std::to_array<std::string_view>({
    "Jean",    "Pierre",   "Michel",   "André",     "Philippe", "René",     "Louis",
    "Alain",   "Jacques",  "Bernard",  "Marcel",    "Daniel",   "Roger",    "François",
    "Gérard",  "Frédéric", "Stéphane", "Sébastien", "Jérôme",   "Benoît",   "Grégory",
    "Loïc",    "Maël",     "Noël",     "Théo",      "Léo",      "Raphaël",  "Gaël",
    "Joël",    "Rémi",     "Éric",     "Émile",     "Étienne",  "Hervé",    "Mickaël",
    "Youssef", "Mamadou",  "Ismaël",   "Anaël",     "Côme",     "Timothée", "Ulysse",
});

inline constexpr auto surnames = std::to_array<std::string_view>({
    "Martin",       "Bernard",      "Dubois",     "Thomas",     "Robert",       "Richard",
    "Petit",        "Durand",       "Leroy",      "Moreau",     "Simon",        "Laurent",
    "Lefèvre",      "Michel",       "Garcia",     "David",      "Bertrand",     "Roux",
    "Vincent",      "Fournier",     "Morel",      "Girard",     "André",        "Lefebvre",
    "Mercier",      "Dupont",       "Lambert",    "Bonnet",     "François",     "Martinez",
    "Legrand",      "Garnier",      "Faure",      "Rousseau",   "Blanc",        "Guérin",
    "Müller",       "Henry",        "Roussel",    "Nicolas",    "Perrin",       "Morin",
    "Mathieu",      "Clément",      "Gauthier",   "Dumont",     "Lopez",        "Fontaine",
    "Chevalier",    "Robin",        "Masson",     "Sanchez",    "Gérard",       "Nguyên",
    "Boyer",        "Denis",        "Lemaire",    "Duval",      "Joly",         "Gautier",
    "Roger",        "Roche",        "Roy",        "Noël",       "Meyer",        "Lucas",
    "Meunier",      "Jean",         "Pérez",      "Marchand",   "Dufour",       "Blanchard",
    "Le Goff",      "Le Gall",      "Le Bihan",   "Kerdoncuff", "Guéguen",      "Quéméneur",
    "de La Fuente", "de Castelnau", "du Plessis", "d'Aubigné",  "d'Hautpoul",   "L'Hostis",
    "L'Helgouac'h", "N'Diaye",      "N'Guessan",  "Œuvrard",    "Saint-Martin", "Etchegaray",
    "Haïdara",      "Benoît",       "Crépin",     "Ibañez",     "Gonçalves",    "Kœnig",
    "Schäfer",      "Zuñiga",       "Lévêque",    "Côté",       "Traoré",       "Diallo",
});

inline constexpr auto streets = std::to_array<std::string_view>({
    "rue de la République",
    "rue du Général-Leclerc",
    "avenue Jean-Jaurès",
    "rue Victor-Hugo",
    "place de l'Église",
    "chemin des Écoliers",
    "impasse des Lilas",
    "rue de l'Hôtel-de-Ville",
    "allée des Érables",
    "boulevard Gambetta",
    "rue du Château",
    "route de la Forêt",
    "quai de l'Île",
    "rue Saint-Éloi",
    "cours Émile-Zola",
    "lotissement Les Prés",
});

struct Town {
    std::string_view postal_code;
    std::string_view name;
};

inline constexpr auto towns = std::to_array<Town>({
    {"75012", "PARIS"},
    {"69003", "LYON"},
    {"13005", "MARSEILLE"},
    {"31000", "Toulouse"},
    {"44000", "Nantes"},
    {"67000", "Strasbourg"},
    {"33000", "Bordeaux"},
    {"35000", "Rennes"},
    {"01000", "Bourg-en-Bresse"},
    {"02100", "Saint-Quentin"},
    {"06300", "Nice"},
    {"38000", "Grenoble"},
    {"42000", "Saint-Étienne"},
    {"63000", "Clermont-Ferrand"},
    {"29200", "Brest"},
    {"20000", "Ajaccio"},
    {"72000", "Le Mans"},
    {"62100", "Calais"},
    {"74150", "Rumilly"},
    {"64000", "Pau"},
    {"80000", "Amiens"},
});

/// Overseas: postal code, town and the first digits of a mobile number there.
struct OverseasTown {
    std::string_view postal_code;
    std::string_view name;
    std::string_view mobile;
};

inline constexpr auto overseas = std::to_array<OverseasTown>({
    {"97200", "Fort-de-France", "0696"},
    {"97110", "Pointe-à-Pitre", "0690"},
    {"97400", "Saint-Denis", "0692"},
    {"97300", "Cayenne", "0694"},
});

} // namespace medibridge::sandbox::words
