"""Signs of fonts that have no letters, as plain characters."""

# Signs of fonts that have no letters: Wingdings and Symbol, by the last byte of their code.
SIGNS = {
    "wingdings": {0x6C: "●", 0x6E: "■", 0x6F: "☐", 0xA7: "▪", 0xA8: "☐", 0xE0: "→", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒",
                  0xFE: "☑"},
    "symbol": {0xA0: "€", 0xA3: "≤", 0xAE: "→", 0xB1: "±", 0xB3: "≥", 0xB4: "×", 0xB7: "•", 0xB9: "≠"},
}  # fmt: skip


def sign(font: str, code: str) -> str:
    """Return the letter or sign that a code of a font shows; empty where it is not known."""
    try:
        value = int(code, 16)
    except ValueError:
        return ""
    known = SIGNS.get("wingdings" if font.lower().startswith("wingdings") else font.lower(), {})
    plain = "" if 0xE000 <= value <= 0xF8FF else chr(value)
    return known.get(value & 0xFF, plain)
