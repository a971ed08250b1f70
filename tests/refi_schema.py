"""What the REFI-QDA schema demands of a file, in our own words: which element holds which, in what order.

With REFI_XSD naming a folder that holds the official Project-mrt2019.xsd and Codebook-v1.0_openqda.xsd,
files are validated against them too.
"""

import os
import re
from pathlib import Path

from lxml import etree

WHO = {"creatingUser", "creationDateTime", "modifyingUser", "modifiedDateTime"}
REF = ("", {"targetGUID"}, set())
# For each element: its children in order (? once at most, * any number, + at least one, ! exactly one), the
# attributes that it must have, and those that it may have.
PROJECT = {
    "Project": (
        "Users? CodeBook? Variables? Cases? Sources? Notes? Links? Sets? Graphs? Description? NoteRef*",
        {"name"},
        {"origin", "creatingUserGUID", "creationDateTime", "modifyingUserGUID", "modifiedDateTime", "basePath"},
    ),
    "Users": ("User+", set(), set()),
    "User": ("", {"guid"}, {"name", "id"}),
    "CodeBook": ("Codes!", set(), set()),
    "Codes": ("Code+", set(), set()),
    "Code": ("Description? NoteRef* Code*", {"guid", "name", "isCodable"}, {"color"}),
    "Variables": ("Variable+", set(), set()),
    "Variable": ("Description?", {"guid", "name", "typeOfVariable"}, set()),
    "VariableValue": (
        "VariableRef! TextValue? BooleanValue? IntegerValue? FloatValue? DateValue? DateTimeValue?",
        set(),
        set(),
    ),
    "Cases": ("Case+", set(), set()),
    "Case": ("Description? CodeRef* VariableValue* SourceRef* SelectionRef*", {"guid"}, {"name"}),
    "Sources": ("TextSource+", set(), set()),
    "TextSource": (
        "Description? PlainTextContent? PlainTextSelection* Coding* NoteRef* VariableValue*",
        {"guid"},
        {"name", "richTextPath", "plainTextPath", *WHO},
    ),
    "PlainTextSelection": (
        "Description? Coding* NoteRef*",
        {"guid", "startPosition", "endPosition"},
        {"name", *WHO},
    ),
    "Coding": ("CodeRef! NoteRef*", {"guid"}, {"creatingUser", "creationDateTime"}),
    "Notes": ("Note+", set(), set()),
    "Note": (
        "Description? PlainTextContent? PlainTextSelection* Coding* NoteRef* VariableValue*",
        {"guid"},
        {"name", "richTextPath", "plainTextPath", *WHO},
    ),
    "Links": ("Link+", set(), set()),
    "Link": ("NoteRef*", {"guid"}, {"name", "direction", "color", "originGUID", "targetGUID"}),
    "Sets": ("Set+", set(), set()),
    "Set": ("Description? MemberCode* MemberSource* MemberNote*", {"guid", "name"}, set()),
    **dict.fromkeys(
        ["CodeRef", "NoteRef", "SourceRef", "SelectionRef", "VariableRef", "MemberCode", "MemberSource"], REF
    ),
    "MemberNote": REF,
    **{
        name: ("", set(), set())
        for name in [
            "Description", "PlainTextContent", "TextValue", "BooleanValue", "IntegerValue", "FloatValue",
            "DateValue", "DateTimeValue",
        ]
    },
}  # fmt: skip
CODEBOOK = {
    **{name: PROJECT[name] for name in ("Codes", "Sets", "Description")},
    "CodeBook": ("Codes! Sets?", set(), {"origin"}),
    "Code": ("Description? Code*", {"guid", "name", "isCodable"}, {"color"}),
    "Set": ("Description? MemberCode*", {"guid", "name"}, set()),
    "MemberCode": ("", {"guid"}, set()),
}
GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
FORMS = {
    **dict.fromkeys(
        ["guid", "targetGUID", "creatingUser", "creatingUserGUID", "originGUID", "modifyingUser"], GUID
    ),
    "isCodable": "true|false",
    "color": "#([0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})",
    "creationDateTime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?",
    "direction": "Associative|OneWay|Bidirectional",
    "startPosition": r"\d+",
    "endPosition": r"\d+",
}


def faults(xml):
    """Return what in a file breaks the schema, a line each."""
    root = etree.fromstring(xml)
    is_book = root.tag.endswith("}CodeBook")
    rules = CODEBOOK if is_book else PROJECT
    namespace = f"{{urn:QDA-XML:{'codebook' if is_book else 'project'}:1.0}}"
    found = []
    for element in root.iter():
        name = element.tag.removeprefix(namespace)
        if name not in rules:
            found.append(f"{name}: unknown")
            continue
        order, must, may = rules[name]
        given = " ".join(child.tag.removeprefix(namespace) for child in element)
        found += [] if re.fullmatch(expression(order), f"{given} " if given else "") else [f"{name}: {given}"]
        found += [f"{name}: no {key}" for key in must - set(element.attrib)]
        found += [f"{name}: {key}" for key in set(element.attrib) - must - may]
        found += [
            f"{name}, {key}: {value!r}"
            for key, value in element.attrib.items()
            if key in FORMS and not re.fullmatch(FORMS[key], value)
        ]
    return found + official(xml, is_book=is_book)


def expression(order):
    """Return an order of children as a regular expression over their names, each with a space behind it."""
    return "".join(f"(?:{part[:-1]} ){part[-1].replace('!', '')}" for part in order.split())


def official(xml, *, is_book):
    """Return what the official schema says is wrong; nothing if it is not at hand."""
    folder = os.environ.get("REFI_XSD")
    if not folder:
        return []
    name = "Codebook-v1.0_openqda.xsd" if is_book else "Project-mrt2019.xsd"
    schema = etree.XMLSchema(etree.parse(Path(folder) / name))
    schema.validate(etree.fromstring(xml))
    return [str(error) for error in schema.error_log]
