"""What tests of edited codebooks share: a codebook with comments, edits of its codes, words of every kind."""

from hypothesis import strategies as st

from coding.editing import add_code, edit_code

BOOK = """
    # A book with comments.
    id: book
    version: "1.0.9"   # the last
    families: {category: [role, behaviour]}
    codes:
      - id: role
        name: Role   # or duty
        definition: >-   # to be discussed
          What it does
          for others.

        # Bridges are dear to us.
        codes:
          - id: role.bridge
            name: "Bridge"   # not a tunnel
            definition: It joins
              two sides.   # or more
            source: |
              Ours.
            examples:
              - It is a 'bridge'.   # literally
              # The second.
              - "It joins: all."   # or some
            rules:
              - {id: bridge, phrase: "bridge", matches: ["A bridge."], rejects: ["A road."]}

          # Old.
          - {id: role.helper, name: Helper, definition: "It helps.", examples: [Help., 'More help.']}
      - id: behaviour
        name: Behaviour
        definition: What it does.
"""
FLAT = """
    id: book
    version: 1.0.0
    codes:
    - id: role
      name: Role
      definition: What it does for others.
    - id: role.bridge
      name: Bridge
      definition: It joins two sides.
      parent: role
    - id: behaviour
      name: Behaviour
      definition: What it does.
"""


def seen(project, codebook="book"):
    return project.codebook(codebook).digest


def edit(project, code, **changes):
    return edit_code(project, "book", code, changes, seen=seen(project))


def add(project, **given):
    said = {"id": "role.leader", "name": "Leader", "definition": "It leads.", "parent": "role", **given}
    return add_code(project, "book", **said, seen=seen(project))


def text(project):
    return (project.root / "codebooks/book.yaml").read_text(encoding="utf-8")


HOSTILE = [
    "no", "- x", ": ", "a: b", "#", "a # b", "'", '"', "it's \"so\"", "\\n", "\t", "a\tb", "🦊 fox", "日本語の定義。",
    " leading", "trailing ", "a\n", "a\n\n", "\na", "a\n b\nc", "a\r\nb\r", "a\n\n\nb", "null", "~", "1", "1e3",
    "2015-01-01", "0x1f", "=", "<<", "!x", "&x", "*x", "%x", "@x", "`x", "? x", "[x", "{x", "x]", "x}", "a,b", "|", ">-",
    "---", "...", "\u2028", "a\u2029b", "\ufeff", "\ufffe", "\u00a0", "a\u00a0", "\U0001f98a" * 60, "word " * 50, "x" * 300,
    "- a\n- b: c\n# d", "a  b " * 30 + "c", "tab\n\tindented\n", "{{ x }}", "line\n" * 40, "\U0010ffff", "e\u0301",
]  # fmt: skip
HOSTILE_CHARACTERS = st.sampled_from("\n\t :#-'\"{}[]|>&*!%@`,?~\\é日🦊\u2028\ufeff") | st.characters(
    exclude_categories=("Cc", "Cs")
)
WORDS = st.text(HOSTILE_CHARACTERS, max_size=120) | st.lists(st.sampled_from(HOSTILE), max_size=3).map(
    " ".join
)


def plain(words):
    """Return words as they are kept: line ends as everywhere, blanks alone are nothing."""
    words = words.replace("\r\n", "\n").replace("\r", "\n")
    return words if words.strip(" \t\n") else ""
