"""Start the chat window: `python app.py`, then open the address that it prints."""

import sys

from rag.window.server import main

if __name__ == "__main__":
    sys.exit(main())
