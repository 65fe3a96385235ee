"""What OpenAI's clients ask for; what a language model could be tuned with is accepted and means nothing."""

from itertools import pairwise
from typing import Literal

from pydantic import BaseModel, Field

from rag.api.access import Refused
from rag.schema import Question, Turn

TEXT = ("text", "input_text", "output_text")  # kinds of parts that hold text


class Part(BaseModel):
    """Hold a part of a message; only text is read."""

    type: str
    text: str = ""


class Message(BaseModel):
    """Hold a message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """Read what it says. Raises `Refused` where it is no text."""
        if isinstance(self.content, str) or self.content is None:
            return self.content or ""
        if any(part.type not in TEXT for part in self.content):
            raise Refused(400, "messages: only text can be asked", "unsupported_content")
        return "\n".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    """Hold what a stream ends with."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """Hold a conversation to go on with."""

    model: str
    messages: list[Message] = Field(min_length=1)
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = 1


class ResponseRequest(BaseModel):
    """Hold a question, or a conversation to go on with; nothing is stored from one to the next."""

    model: str
    input: str | list[Message] = Field(min_length=1)
    stream: bool = False
    previous_response_id: None = None

    @property
    def messages(self) -> list[Message]:
        """List what was said."""
        return [Message(role="user", content=self.input)] if isinstance(self.input, str) else self.input


class EmbeddingRequest(BaseModel):
    """Hold texts to embed: passages, or with `input_type` queries."""

    model: str
    input: str | list[str] = Field(min_length=1, max_length=1_000_000)
    encoding_format: Literal["float", "base64"] = "float"
    input_type: Literal["passage", "query"] = "passage"


def question_of(messages: list[Message]) -> Question:
    """Take the last message as the question and each exchange before it as a turn.

    Raises `Refused` where the last one is not the user's.
    """
    said = [message for message in messages if message.role in ("user", "assistant")]
    if not said or said[-1].role != "user":
        raise Refused(400, "messages: the last one must be the user's question", "no_question")
    turns = (
        Turn(one.text, next_one.text)
        for one, next_one in pairwise(said)
        if (one.role, next_one.role) == ("user", "assistant")
    )
    return Question(said[-1].text, tuple(turns))
