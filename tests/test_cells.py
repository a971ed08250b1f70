"""A cell's name says variable, case and code, and is read back as it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coding.cells import CellName, cell_name, with_codes
from coding.errors import CodingError

VARIABLES = st.lists(st.from_regex(r"[a-z][a-z_]{0,9}", fullmatch=True), min_size=1, max_size=3, unique=True)
CODES = st.from_regex(r"[a-z][a-z0-9_]{0,5}(\.[a-z][a-z0-9_]{0,5}){0,2}", fullmatch=True)


@given(VARIABLES, st.text(min_size=1), CODES)
def test_what_is_written_is_read_back(variables, case, code):
    name = CellName(tuple(variables), case, code)
    assert cell_name(str(name)) == name


@given(VARIABLES, st.text(min_size=1), CODES, CODES)
def test_a_cell_goes_with_its_code(variables, case, code, later):
    name = str(CellName(tuple(variables), case, code))
    assert with_codes(name, {code: later}) == str(CellName(tuple(variables), case, later))
    assert with_codes(name, {}) == name


def test_of_several_variables_each_has_its_value():
    assert cell_name("donor · year=japan · 2015/role").values == ("japan", "2015")
    assert cell_name("title=a · b/role").values == ("a · b",)


@pytest.mark.parametrize("written", ["", "role", "japan/role", "donor=japan", "donor=/role", "=japan/role"])
def test_what_names_no_cell_is_refused(written):
    with pytest.raises(CodingError, match="names no cell. Write variable, case and code"):
        cell_name(written)
