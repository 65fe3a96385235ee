"""A Word file is read as its reader sees it: everything, in order, once, and nothing that is hidden or deleted."""

import re
from pathlib import Path

import pytest
from docx import Document as Docx
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.documents.docx import parse_docx
from rag.documents.docx_styles import formatted
from rag.documents.unreadable import UnreadableFile
from tests.word_files import SPACES, STRICT, W, cell, notes, paragraph, rewrite, run, table, write


def read(path: Path) -> list[str]:
    return parse_docx(path).text.split("\n\n")


def test_insertions_are_read_and_deletions_are_not(tmp_path: Path) -> None:
    changed = paragraph(
        run("Le salarié a droit à ")
        + "<w:del><w:r><w:delText>deux</w:delText></w:r></w:del>"
        + f"<w:ins>{run('trois')}</w:ins>"
        + f"<w:moveFrom>{run(' semaines')}</w:moveFrom><w:moveTo>{run(' jours')}</w:moveTo>{run('.')}"
    )
    gone = f"<w:tr><w:trPr><w:del/></w:trPr>{cell(paragraph(run('x')))}{cell(paragraph(run('y')))}</w:tr>"
    rows = table(cell(paragraph(run("a"))) + cell(paragraph(run("b")))).replace("</w:tbl>", f"{gone}</w:tbl>")
    assert read(write(tmp_path / "a.docx", changed, rows)) == ["Le salarié a droit à trois jours.", "a | b"]


def test_a_paragraph_whose_end_was_deleted_goes_on(tmp_path: Path) -> None:
    first = f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('Le préavis est ')}</w:p>"
    assert read(write(tmp_path / "a.docx", first, paragraph(run("de trois mois.")))) == [
        "Le préavis est de trois mois."
    ]


def test_content_controls_smart_tags_and_fields(tmp_path: Path) -> None:
    control = f"<w:sdt><w:sdtContent>{paragraph(run('Un.'))}</w:sdtContent></w:sdt>"
    inline = paragraph(
        f"<w:smartTag>{run('Lyon')}</w:smartTag>"
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> DATE </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f'{run(", le 12 mars")}<w:r><w:fldChar w:fldCharType="end"/></w:r>'
        f"<w:sdt><w:sdtContent>{run(' 2024.')}</w:sdtContent></w:sdt>"
    )
    in_row = f"<w:sdt><w:sdtContent>{cell(paragraph(run('b')))}</w:sdtContent></w:sdt>"
    rows = table(cell(paragraph(run("a"))) + in_row)
    assert read(write(tmp_path / "a.docx", control, inline, rows)) == ["Un.", "Lyon, le 12 mars 2024.", "a | b"]


def test_a_text_box_is_read_once_whatever_its_forms(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{paragraph(run('Poste 4512.'))}</w:txbxContent>"
    drawn = (
        "<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>"
        f"{box}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict>"
        "</mc:Fallback></mc:AlternateContent></w:r>"
    )
    assert read(write(tmp_path / "a.docx", paragraph(run("Horaires.") + drawn))) == ["Horaires.", "Poste 4512."]


@pytest.mark.parametrize("kind", ["footnote", "endnote"])
def test_a_note_stands_in_the_sentence_that_points_to_it(tmp_path: Path, kind: str) -> None:
    pointing = paragraph(
        run("Le forfait est de 600 euros.") + f'<w:r><w:{kind}Reference w:id="2"/></w:r>{run(" Fin.")}'
    )
    path = write(tmp_path / "a.docx", pointing, parts={f"{kind}s": notes(kind, "Sauf en cas de véhicule.")})
    assert read(path) == ["Le forfait est de 600 euros (Sauf en cas de véhicule). Fin."]


def test_headers_and_footers_are_read_once_without_page_numbers(tmp_path: Path) -> None:
    document = Docx()
    document.add_paragraph("Le texte.")
    document.add_section()
    document.sections[0].header.paragraphs[0].text = "Note n° 17"
    document.sections[0].footer.paragraphs[0].text = "Page "
    document.sections[1].header.is_linked_to_previous = False
    document.sections[1].header.paragraphs[0].text = "Note n° 17"
    document.sections[1].footer.is_linked_to_previous = False
    document.sections[1].footer.paragraphs[0].text = "Diffusion interne"
    document.save(str(tmp_path / "a.docx"))
    assert read(tmp_path / "a.docx") == ["Note n° 17", "Le texte.", "Diffusion interne"]


def test_lists_are_numbered_as_word_shows_them(tmp_path: Path) -> None:
    document = Docx()
    for style, text in [("List Number", "Un."), ("List Number", "Deux."), ("List Bullet", "Point.")]:
        document.add_paragraph(text, style=style)
    document.save(str(tmp_path / "a.docx"))
    assert read(tmp_path / "a.docx") == ["1. Un.", "2. Deux.", "- Point."]


def test_levels_of_a_list_count_apart(tmp_path: Path) -> None:
    levels = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{kind}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (kind, text) in enumerate([("upperRoman", "Article %1."), ("lowerLetter", "%1.%2)")])
    )
    numbering = (
        f'<w:numbering {SPACES}><w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>'
        '<w:num w:numId="9"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
    )

    def item(level: int, text: str) -> str:
        properties = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="9"/></w:numPr>'
        return f"<w:p><w:pPr>{properties}</w:pPr>{run(text)}</w:p>"

    path = write(tmp_path / "a.docx", *(item(n, t) for n, t in [(0, "A"), (1, "b"), (1, "c"), (0, "D"), (1, "e")]))
    rewrite(path, lambda held: held.update({"word/numbering.xml": numbering.encode()}))
    assert read(path) == ["Article I. A", "I.a) b", "I.b) c", "Article II. D", "II.a) e"]
    assert [formatted(4, "lowerRoman"), formatted(28, "upperLetter"), formatted(7, "decimalZero")] == ["iv", "BB", "07"]


def test_hidden_text_is_not_read_and_signs_are(tmp_path: Path) -> None:
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>Secret.</w:t></w:r>"
    shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>Vu</w:t><w:noBreakHyphen/><w:t>là</w:t><w:softHyphen/></w:r>'
    sign = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
    assert read(write(tmp_path / "a.docx", paragraph(hidden + shown + sign))) == ["Vu\u2011là✓"]


def test_cells_keep_their_columns(tmp_path: Path) -> None:
    head = cell(paragraph(run("Âge"))) + cell(paragraph(run("Jours")), '<w:gridSpan w:val="2"/>')
    same = cell(paragraph(run("5 ans"))) + cell(paragraph(run("2"))) + cell(paragraph(run("2")))
    empty = cell(paragraph("")) + cell(paragraph("")) + cell(paragraph(run("4")))
    down = cell(paragraph(run("hidden below")), "<w:vMerge/>") + cell(paragraph(run("a"))) + cell(paragraph(run("b")))
    nested = cell(table(cell(paragraph(run("Panier"))) + cell(paragraph(run("7,30"))))) + cell("") + cell("")
    assert read(write(tmp_path / "a.docx", table(head, same, empty, down, nested))) == [
        "Âge | Jours | Jours\n5 ans | 2 | 2\n|  | 4\n| a | b\nPanier : 7,30 |  |"
    ]


def test_the_strict_form_opens(tmp_path: Path) -> None:
    path = write(tmp_path / "a.docx", paragraph(run("Le texte strict.")))
    office = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def make_strict(held: dict[str, bytes]) -> None:
        for name, data in held.items():
            strict = data.replace(W.encode(), STRICT.encode())
            held[name] = strict.replace(office, b"http://purl.oclc.org/ooxml/officeDocument/relationships")

    rewrite(path, make_strict)
    assert read(path) == ["Le texte strict."]


def test_an_old_word_file_is_told_from_an_encrypted_one(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(UnreadableFile, match="before 2007; save it as DOCX"):
        parse_docx(path)
    path.write_bytes(path.read_bytes() + "EncryptedPackage".encode("utf-16-le"))
    with pytest.raises(UnreadableFile, match="encrypted"):
        parse_docx(path)


WORDS = st.text("abcdéèçœ", min_size=1, max_size=6)
WRAPPED = [
    "{}",
    "<w:ins>{}</w:ins>",
    "<w:smartTag>{}</w:smartTag>",
    "<w:hyperlink>{}</w:hyperlink>",
    "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>",
    '<w:fldSimple w:instr="DATE">{}</w:fldSimple>',
    "<mc:AlternateContent><mc:Choice Requires='wps'>{}</mc:Choice></mc:AlternateContent>",
]
UNSEEN = [
    "<w:del><w:r><w:delText>zzz</w:delText></w:r></w:del>",
    "<w:moveFrom><w:r><w:t>zzz</w:t></w:r></w:moveFrom>",
    "<w:r><w:rPr><w:vanish/></w:rPr><w:t>zzz</w:t></w:r>",
    "<w:r><w:instrText>zzz</w:instrText></w:r>",
]
PIECE = st.one_of(st.tuples(WORDS, st.sampled_from(WRAPPED)), st.tuples(st.just(""), st.sampled_from(UNSEEN)))
BLOCK = st.tuples(st.lists(PIECE, min_size=1, max_size=5), st.sampled_from(["p", "sdt", "tbl", "nested"]))


@settings(max_examples=40, deadline=None)
@given(blocks=st.lists(BLOCK, min_size=1, max_size=6))
def test_no_visible_word_is_lost(
    tmp_path_factory: pytest.TempPathFactory, blocks: list[tuple[list[tuple[str, str]], str]]
) -> None:
    wanted: list[str] = []
    written: list[str] = []
    for pieces, kind in blocks:
        wanted += [word for word, _ in pieces if word]
        own = paragraph("".join(wrap.format(run(f"{word} ")) for word, wrap in pieces))
        inner = table(cell(own) + cell(paragraph("")))
        whole = {
            "p": own,
            "sdt": f"<w:sdt><w:sdtContent>{own}</w:sdtContent></w:sdt>",
            "tbl": inner,
            "nested": table(cell(inner) + cell(paragraph(""))),
        }
        written.append(whole[kind])
    text = parse_docx(write(tmp_path_factory.mktemp("docx") / "a.docx", *written)).text
    assert re.findall(r"[^\W\d_]+", text) == wanted
