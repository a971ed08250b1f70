"""A project of another program that says all that has no place here."""

from refi_files import guid, packed, project

TEXT = "Norland trains police. It is a bridge.\n"
OTHER = "Norland trains police officers.\n"


def ref(kind, *said):
    return f'<{kind} targetGUID="{guid(*said)}"/>'


def value(variable, kind, told):
    return f"<VariableValue>{ref('VariableRef', variable)}<{kind}Value>{told}</{kind}Value></VariableValue>"


def note(name, text):
    return (
        f'<Note guid="{guid(name)}" name="{name}" creatingUser="{guid("u")}" creationDateTime="2020-01-01T00:00:00Z">'
        f"<PlainTextContent>{text}</PlainTextContent></Note>"
    )


def link(name, begin, end, more=""):
    ends = f'originGUID="{guid(*begin)}" targetGUID="{guid(*end)}"'
    return f'<Link guid="{guid(name)}" name="{name}" direction="OneWay" color="#000000" {ends}>{more}</Link>'


def foreign(tmp_path, name="theirs.qdpx", *, members=None, change=str):
    """Write a project of another program that says all that has no place here, of two texts."""
    members = members or ref("MemberCode", "Role")
    rows = {"a": [(0, 7, "Norland"), (8, 14, "what it does"), (15, 21, "police")], "b": [(0, 7, "Norland")]}
    variables = "".join(
        f'<Variable guid="{guid(v)}" name="{v}" typeOfVariable="{kind}"><Description>D.</Description></Variable>'
        for v, kind in {"Mood": "Text", "Age": "Integer", "Share": "Float", "When": "Date"}.items()
    )
    cases = (
        f'<Case guid="{guid("Anna")}" name="Anna"><Description>Met twice.</Description>{ref("CodeRef", "Role")}'
        f"{value('Age', 'Integer', 41)}{value('Share', 'Float', 0.25)}{value('When', 'Date', '2020-02-01')}"
        f"{ref('SourceRef', 'a')}{ref('SourceRef', 'lost')}{ref('SelectionRef', 'a', 2)}</Case>"
        f'<Case guid="{guid("Norland")}" name="Norland">{value("Mood", "Text", "calm")}{ref("SourceRef", "a")}</Case>'
    )
    more = (
        f"<Notes>{note('Plan', 'To do.')}{note('Stray', 'About nothing.')}</Notes>"
        f"<Links>{link('one', ('a', 0), ('lone',), ref('NoteRef', 'Stray'))}{link('two', ('Plan',), ('Anna',))}"
        f"{link('three', ('b', 0, 'c'), ('Role',))}{link('lost', ('a',), ('nowhere',))}</Links>"
        f'<Sets><Set guid="{guid("Mine")}" name="Mine"><Description>Of mine.</Description>{members}'
        f"{ref('MemberSource', 'b')}{ref('MemberSource', 'lost')}{ref('MemberNote', 'Plan')}</Set>"
        f'<Set guid="{guid("Empty")}" name="&lt;3"/></Sets>'
        f"<Description>A project of theirs.</Description>{ref('NoteRef', 'Plan')}"
    )
    lone = f'<PlainTextSelection guid="{guid("lone")}" name="It is" startPosition="23" endPosition="28" creatingUser="{guid("u")}"/>'
    xml = project(rows, codes=("Role", "Behaviour"), more=more)
    for old, new in {
        "<CodeBook>": f'<Users><User guid="{guid("u")}" name="Zoe"/></Users><CodeBook>',
        '"Role" isCodable="true"': '"Role" isCodable="false" color="#F00082"',
        '"Behaviour" isCodable': '"Behaviour" color="red" isCodable',
        "<Sources>": f"<Variables>{variables}</Variables><Cases>{cases}</Cases><Sources>",
        "</TextSource>": f"{value('Mood', 'Text', 'glad')}{value('Age', 'Integer', 7)}</TextSource>",
        f'<PlainTextSelection guid="{guid("a", 0)}"': f'{lone}<PlainTextSelection guid="{guid("a", 0)}"',
    }.items():
        xml = xml.replace(old, new, 1)
    return packed(tmp_path / name, change(xml), {"a": TEXT, "b": OTHER})
