"""Code lists that DCAT-AP 3.0.1 asks for: EU authority tables, ADMS, IANA media types.

A concept is always stated with its label and its list in the same document: harvesters judge a document alone
(DCAT-AP 3.0.1, mdr-vocabularies.shape). Codes that a list does not have are left out, never made up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from publish.exports.dcat_countries import COUNTRIES
from publish.exports.graph import Graph

_EU = "http://publications.europa.eu/resource/authority/"
_ADMS = "http://purl.org/adms/"
_IANA = "https://www.iana.org/assignments/media-types/"
_MEDIA_TYPE = re.compile(r"[a-z]+/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeList:
    """A list of concepts.

    Attributes:
        scheme: the address of the list.
        title: its name.
        stem: what stands before a code in a concept's address.
        labels: English labels by code.
        also: the class that concepts of the list have beside skos:Concept.
    """

    scheme: str
    title: str
    stem: str
    labels: Mapping[str, str]
    also: str | None = None

    def state(self, graph: Graph, code: str | None) -> str | None:
        """States a concept and its list in a graph; gives its address, or None when the list has no such code."""
        if code is None or code not in self.labels:
            return None
        iri = f"{self.stem}{code}"
        node = graph.node(iri, "skos:Concept").text("skos:prefLabel", self.labels[code], "en")
        node.link("skos:inScheme", self.state_scheme(graph))
        if self.also:
            node.a(self.also)
        return iri

    def state_scheme(self, graph: Graph) -> str:
        """States the list itself in a graph and gives its address."""
        graph.node(self.scheme, "skos:ConceptScheme").text("dct:title", self.title, "en")
        return self.scheme


def _eu(name: str, title: str, labels: Mapping[str, str], also: str | None = None) -> CodeList:
    return CodeList(scheme=_EU + name, title=title, stem=f"{_EU}{name}/", labels=labels, also=also)


ACCESS_RIGHT = _eu(
    "access-right",
    "Access right",
    {"NON_PUBLIC": "non-public", "PUBLIC": "public", "RESTRICTED": "restricted"},
    "dct:RightsStatement",
)
AVAILABILITY = _eu(
    "planned-availability",
    "Planned availability",
    {"AVAILABLE": "available", "EXPERIMENTAL": "experimental", "STABLE": "stable", "TEMPORARY": "temporary"},
)
COUNTRY = _eu("country", "Country", dict(COUNTRIES.values()), "dct:Location")
DATA_THEME = _eu(
    "data-theme",
    "Data theme",
    {
        "AGRI": "Agriculture, fisheries, forestry and food",
        "ECON": "Economy and finance",
        "EDUC": "Education, culture and sport",
        "ENER": "Energy",
        "ENVI": "Environment",
        "GOVE": "Government and public sector",
        "HEAL": "Health",
        "INTR": "International issues",
        "JUST": "Justice, legal system and public safety",
        "REGI": "Regions and cities",
        "SOCI": "Population and society",
        "TECH": "Science and technology",
        "TRAN": "Transport",
    },
)
FILE_TYPE = _eu(
    "file-type",
    "File type",
    {
        "CSV": "CSV",
        "GIF": "GIF",
        "GZIP": "GNU zip",
        "HDF": "HDF",
        "HTML": "HTML",
        "JPEG": "JPEG",
        "JSON": "JSON",
        "JSON_LD": "JSON-LD",
        "OCTET": "Octet Stream",
        "PARQUET": "Parquet",
        "PDF": "PDF",
        "PNG": "PNG",
        "SVG": "SVG",
        "TAR": "TAR",
        "TIFF": "TIFF",
        "TSV": "TSV",
        "TXT": "Plain text",
        "XLSX": "Excel XLSX",
        "XML": "XML",
        "ZIP": "ZIP",
    },
    "dct:MediaTypeOrExtent",
)
#: ISO 639-1 to the code of the EU list, which follows ISO 639-3, and its English label.
_LANGUAGES = {
    "ar": ("ARA", "Arabic"),
    "bg": ("BUL", "Bulgarian"),
    "cs": ("CES", "Czech"),
    "da": ("DAN", "Danish"),
    "de": ("DEU", "German"),
    "el": ("ELL", "Greek"),
    "en": ("ENG", "English"),
    "es": ("SPA", "Spanish"),
    "et": ("EST", "Estonian"),
    "fi": ("FIN", "Finnish"),
    "fr": ("FRA", "French"),
    "ga": ("GLE", "Irish"),
    "he": ("HEB", "Hebrew"),
    "hi": ("HIN", "Hindi"),
    "hr": ("HRV", "Croatian"),
    "hu": ("HUN", "Hungarian"),
    "id": ("IND", "Indonesian"),
    "is": ("ISL", "Icelandic"),
    "it": ("ITA", "Italian"),
    "ja": ("JPN", "Japanese"),
    "ko": ("KOR", "Korean"),
    "lt": ("LIT", "Lithuanian"),
    "lv": ("LAV", "Latvian"),
    "mt": ("MLT", "Maltese"),
    "nl": ("NLD", "Dutch"),
    "no": ("NOR", "Norwegian"),
    "pl": ("POL", "Polish"),
    "pt": ("POR", "Portuguese"),
    "ro": ("RON", "Romanian"),
    "ru": ("RUS", "Russian"),
    "sk": ("SLK", "Slovak"),
    "sl": ("SLV", "Slovenian"),
    "sv": ("SWE", "Swedish"),
    "th": ("THA", "Thai"),
    "tr": ("TUR", "Turkish"),
    "uk": ("UKR", "Ukrainian"),
    "vi": ("VIE", "Vietnamese"),
    "zh": ("ZHO", "Chinese"),
}
LANGUAGE = _eu("language", "Language", dict(_LANGUAGES.values()), "dct:LinguisticSystem")
LICENCE_TYPE = CodeList(
    scheme=f"{_ADMS}licencetype/1.0",
    title="Licence type",
    stem=f"{_ADMS}licencetype/",
    labels={
        "Attribution": "Attribution",
        "NoDerivativeWork": "No derivative work",
        "NonCommercialUseOnly": "Non-commercial use only",
        "PublicDomain": "Public domain",
        "ViralEffect-ShareAlike": "Viral effect (a.k.a. Share-alike)",
    },
)
PUBLISHER_TYPE = CodeList(
    scheme=f"{_ADMS}publishertype/1.0",
    title="Publisher type",
    stem=f"{_ADMS}publishertype/",
    labels={"Academia-ScientificOrganisation": "Academia/Scientific organisation"},
)

_FILE_TYPES = {
    "application/gzip": "GZIP",
    "application/json": "JSON",
    "application/ld+json": "JSON_LD",
    "application/pdf": "PDF",
    "application/vnd.apache.parquet": "PARQUET",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "XLSX",
    "application/x-hdf5": "HDF",
    "application/x-tar": "TAR",
    "application/xml": "XML",
    "application/zip": "ZIP",
    "image/gif": "GIF",
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/svg+xml": "SVG",
    "image/tiff": "TIFF",
    "text/csv": "CSV",
    "text/html": "HTML",
    "text/tab-separated-values": "TSV",
    "text/xml": "XML",
}


def language_code(tag: str) -> str | None:
    """The code of a language in the EU list, from a tag of BCP 47; None when this table does not have it."""
    first = tag.split("-")[0].lower()
    if first in _LANGUAGES:
        return _LANGUAGES[first][0]
    return first.upper() if first.upper() in LANGUAGE.labels else None


def country_code(alpha_2: str | None) -> str | None:
    """The code of a country in the EU list, from two letters of ISO 3166-1; None when there is no such country."""
    return COUNTRIES.get(alpha_2 or "", (None, ""))[0]


def file_type_code(mediatype: str) -> str:
    """The code of a media type in the EU list: text that has none is plain text, all else a stream of octets."""
    return _FILE_TYPES.get(mediatype) or ("TXT" if mediatype.startswith("text/") else "OCTET")


def licence_type_codes(spdx: str) -> tuple[str, ...]:
    """What kind of licence an SPDX identifier names, as ADMS has it; empty when this is not known for sure."""
    if spdx.startswith(("CC0-", "PDDL-")):
        return ("PublicDomain",)
    parts = set(spdx.split("-"))
    if not spdx.startswith(("CC-BY-", "ODC-By-", "ODbL-")):
        return ()
    more = {"NC": "NonCommercialUseOnly", "ND": "NoDerivativeWork", "SA": "ViralEffect-ShareAlike"}
    shared = ("ViralEffect-ShareAlike",) if spdx.startswith("ODbL-") else ()
    return ("Attribution", *(more[part] for part in sorted(parts & more.keys())), *shared)


def state_media_type(graph: Graph, mediatype: str) -> str | None:
    """States a media type in a graph and gives its address in the IANA registry; None when it is malformed."""
    if not _MEDIA_TYPE.fullmatch(mediatype):
        return None
    iri = _IANA + mediatype
    graph.node(iri, "dct:MediaType").text("rdfs:label", mediatype)
    return iri
