"""REFI-QDA files as other programs write them, made here: any convention, with and without names."""

import uuid
import zipfile
from xml.sax.saxutils import quoteattr

HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<Project xmlns="urn:QDA-XML:project:1.0" name="made" origin="{origin}">'


def guid(*said):
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "|".join(map(str, said)))).upper()


def position(raw, at, counted):
    """Return the offset under a convention of what follows the first `at` characters of a text as it is written.

    Counted one by one, so that nothing of it is like the code that is tested.
    """
    n = 0
    for i, char in enumerate(raw[:at]):
        is_mark = i == 0 and char == "\ufeff"
        if (is_mark and not counted.bom) or (char == "\n" and raw[i - 1 : i] == "\r" and counted.crlf == 1):
            continue
        n += 2 if counted.unit == "utf16" and ord(char) > 0xFFFF else 1
    return n


def as_written(plain, *, crlf, mark):
    """Return a text with its line ends and mark, and where each of its characters stands then."""
    raw = ("\ufeff" if mark else "") + (plain.replace("\n", "\r\n") if crlf else plain)
    places, at = [], int(mark)
    for char in plain:
        places.append(at)
        at += 2 if crlf and char == "\n" else 1
    return raw, [*places, at]


def selected(plain, spans, counted, *, crlf, mark, names=True):
    """Return a text as written, and (start, end, name) of each span under a convention."""
    raw, places = as_written(plain, crlf=crlf, mark=mark)
    rows = []
    for start, end in spans:
        first, last = position(raw, places[start], counted), position(raw, places[end], counted)
        name = plain[start:end] if names is True else names[start, end] if names else ""
        rows.append((first, last - counted.inclusive, name))
    return raw, rows


def project(sources, *, codes=("role",), origin="Another 1.0", more=""):
    """Return the XML of a project: `sources` gives for each name its selections (start, end, name)."""
    lines = [HEAD.format(origin=origin), "<CodeBook><Codes>"]
    lines += [f'<Code guid="{guid(c)}" name={quoteattr(c)} isCodable="true"/>' for c in codes]
    lines.append("</Codes></CodeBook><Sources>")
    for name, rows in sources.items():
        path = f"internal://{guid(name)}.txt"
        lines.append(f'<TextSource guid="{guid(name)}" name={quoteattr(name)} plainTextPath="{path}">')
        for i, (start, end, quote) in enumerate(rows):
            said = f" name={quoteattr(quote)}" if quote else ""
            at = f'startPosition="{start}" endPosition="{end}"'
            lines.append(
                f'<PlainTextSelection guid="{guid(name, i)}"{said} {at}><Coding guid="{guid(name, i, "c")}">'
                f'<CodeRef targetGUID="{guid(codes[0])}"/></Coding></PlainTextSelection>'
            )
        lines.append("</TextSource>")
    return "\n".join([*lines, "</Sources>", more, "</Project>"])


def packed(path, xml, texts=None, *, xml_name="project.qde", folder="sources"):
    """Write an archive of XML and of texts by the names of their sources."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(xml_name, xml)
        for name, raw in (texts or {}).items():
            content = raw if isinstance(raw, bytes) else raw.encode()
            archive.writestr(f"{folder}/{guid(name)}.txt", content)
    return path
