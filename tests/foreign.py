"""Files of other formats, written small by the tests themselves."""

import io
import zipfile
from dataclasses import dataclass

WIDTH, HEIGHT = 595, 842
PITCH = 0.6  # of its size is every letter of Courier wide

# PDF


@dataclass(frozen=True)
class Words:
    """Words on a page, from their lower left corner, in Courier; or in a font that holds any character."""

    x: float
    y: float
    text: str
    size: float = 10
    bold: bool = False


def wide(words):
    return any(ord(c) > 126 for c in words.text)


def pdf(pages, *, password=False):
    """Return a PDF whose pages hold these words."""
    used = sorted({c for page in pages for words in page if wide(words) for c in words.text})
    cmap = "".join(f"<{i + 1:04x}> <{c.encode('utf-16-be').hex()}>\n" for i, c in enumerate(used))
    codes = {c: f"{i + 1:04x}" for i, c in enumerate(used)}
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(f'{7 + 2 * i} 0 R' for i in range(len(pages)))}] >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier-Bold /Encoding /WinAnsiEncoding >>",
        ANY_CHARACTER,
        stream(
            "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange\n"
            f"{len(used)} beginbfchar\n{cmap}endbfchar endcmap end"
        ),
    ]
    for i, page in enumerate(pages):
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {8 + 2 * i} 0 R {FONTS} >>",
            stream("\n".join(shown(words, codes) for words in page)),
        ]
    written, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    key = 32 * "k"
    locked = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O ({key}) /U ({key}) /P -4 >> /ID [(a) (a)] "
    return (
        f"{written}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R {locked if password else ''}>>\nstartxref\n{len(written)}\n%%EOF\n"
    ).encode("latin-1")


ANY_CHARACTER = (
    "<< /Type /Font /Subtype /Type0 /BaseFont /Any /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts "
    "[<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Any /DW 1000 "
    "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
    "/FontDescriptor << /Type /FontDescriptor /FontName /Any /Flags 4 /FontBBox [0 -200 1000 800] "
    "/Ascent 800 /Descent -200 /CapHeight 800 /ItalicAngle 0 /StemV 80 >> >>] >>"
)
FONTS = "/Resources << /Font << /F1 3 0 R /F2 4 0 R /F3 5 0 R >> >>"


def stream(content):
    return f"<< /Length {len(content.encode('latin-1'))} >>\nstream\n{content}\nendstream"


def shown(words, codes):
    font = "F3" if wide(words) else "F2" if words.bold else "F1"
    if font == "F3":
        said = f"<{''.join(codes[c] for c in words.text)}>"
    else:
        said = "(" + words.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") + ")"
    return f"BT /{font} {words.size} Tf 1 0 0 1 {words.x} {words.y} Tm {said} Tj ET"


def set_in_lines(paragraphs, *, letters, indent=3):
    """Return the lines of paragraphs as a typesetter breaks them, at ~ with a hyphen: (letters of indent, words)."""
    lines = []
    for paragraph in paragraphs:
        space, line = indent, ""
        for word in paragraph.split():
            begin, _, rest = word.partition("~")
            before = f"{line} " if line else ""
            if space + len(before + begin + rest) <= letters:
                line = before + begin + rest
            elif rest and space + len(before + begin) + 1 <= letters:
                lines.append((space, f"{before}{begin}-"))
                space, line = 0, rest
            else:
                lines.append((space, line))
                space, line = 0, begin + rest
        lines.append((space, line))
    return lines


def set_on_pages(lines, *, columns=1, rows=40, letters=70, header=None, size=10):
    """Return pages with lines in columns, under a header and over the number of the page."""
    left, gap, top = 60, 30, 740
    per_page = rows * columns
    pages = []
    for begin in range(0, len(lines), per_page):
        page = []
        for i, (indent, text) in enumerate(lines[begin : begin + per_page]):
            column, row = divmod(i, rows)
            x = left + column * (letters * PITCH * size + gap) + indent * PITCH * size
            page.append(Words(x, top - 12 * row, text, size))
        if header:
            page.append(Words(left, 800, header, 8))
            page.append(Words(300, 30, str(len(pages) + 1), 8))
        pages.append(page)
    return pages


# Archives


def archive(members, *, compressed=True):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as opened:
        for name, content in members.items():
            opened.writestr(name, content)
    return written.getvalue()


def rewritten(raw, changes):
    """Return an archive with some of its members replaced, added, or changed by a function."""
    with zipfile.ZipFile(io.BytesIO(raw)) as opened:
        members = {name: opened.read(name) for name in opened.namelist()}
    for name, change in changes.items():
        members[name] = change(members[name]) if callable(change) else change
    return archive(members)


def docx(build):
    """Return a Word document that a function has filled."""
    import docx as package

    document = package.Document()
    build(document)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


ODT = """<?xml version="1.0"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 ><office:body><office:text>{}</office:text></office:body></office:document-content>"""


def odt(content, **members):
    return archive(
        {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": ODT.format(content), **members}
    )


def epub(chapters, *, order=None, **members):
    """Return a book of chapters by name; `order` is that of the spine."""
    items = "".join(
        f'<item id="i{i}" href="{name}" media-type="application/xhtml+xml"/>'
        for i, name in enumerate(chapters)
    )
    names = list(chapters)
    spine = "".join(f'<itemref idref="i{names.index(name)}"/>' for name in order or names)
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata/>'
        f'<manifest>{items}<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        f'</manifest><spine><itemref idref="nav"/>{spine}</spine></package>'
    )
    container = (
        '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    )
    files = {f"OPS/{name}": chapter(content) for name, content in chapters.items()}
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "OPS/book.opf": package,
            **files,
            **members,
        }
    )


def chapter(body):
    return f'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{body}</body></html>'
