"""Scanned pages as pictures → text."""

from pathlib import Path

from rag.documents.parsed import Parsed
from rag.documents.recognition import languages, recognize
from rag.documents.unreadable import UnreadableFile

MAX_PIXELS = 80_000_000
MAX_FRAMES = 30  # of a TIFF


def parse_image(path: Path) -> Parsed:
    """Recognize the text of a picture, page by page."""
    from PIL import Image, ImageSequence, UnidentifiedImageError

    if not languages():
        raise UnreadableFile("file.no_recognition")
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    text, pages = "", list[int]()
    try:
        with Image.open(path, formats=("PNG", "JPEG", "TIFF")) as image:
            for frame, _ in zip(ImageSequence.Iterator(image), range(MAX_FRAMES), strict=False):
                pages.append(len(text))
                text += recognize(frame) + "\n\n"
    except (UnidentifiedImageError, Image.DecompressionBombError, SyntaxError, ValueError) as error:
        raise UnreadableFile("file.not_readable", kind="PNG / JPEG / TIFF") from error
    return Parsed(text, pages=tuple(pages))
