"""Start the chat window, once there is one; until then, say how to ask."""

import sys

if __name__ == "__main__":
    sys.exit('The chat window is coming. Until then, ask in the terminal: make ask Q="your question"')
