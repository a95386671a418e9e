import pytest

from knowledge.html_text import read_html

PAGE = """<!doctype html><html><head><title>Shop | Returns</title><style>p{}</style><script>alert(1)</script></head><body>
<nav><a href=/>Home</a></nav><h1>Returns &amp; refunds</h1>
<p>Within <b>7 days</b>.<p>Unused only.
<h2>How</h2><ol><li>Tell us<li>Send it</ol><table><tr><td>Card<td>3 days</table>
<footer>© us</footer></body></html>"""


def test_a_page_is_read_as_markdown() -> None:
    title, text = read_html(PAGE)
    assert title == "Returns & refunds"
    assert text == "Within 7 days.\n\nUnused only.\n\n## How\n\n- Tell us\n- Send it\n\nCard 3 days"


@pytest.mark.parametrize(
    "hidden",
    [
        "<div hidden>SECRET</div>",
        "<p style='display : none'>SECRET</p>",
        "<span style='font-size:0'>SECRET<b>SECRET</b></span>",
        "<i aria-hidden='true'>SECRET</i>",
        "<!-- SECRET -->",
        "<template><p>SECRET</p></template>",
        "<div style='visibility:hidden'><p>SECRET</div>",
    ],
)
def test_what_a_reader_cannot_see_is_not_read(hidden: str) -> None:
    assert read_html(f"<p>before</p>{hidden}<p>after</p>") == ("", "before\n\nafter")


def test_the_title_tag_serves_without_a_heading() -> None:
    assert read_html("<title>\n Opening\n hours</title><p>9 to 22</p>") == ("Opening hours", "9 to 22")
