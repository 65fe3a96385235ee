"""A language model inside this process: a folder in Hugging Face format, or a GGUF file, through transformers."""

import importlib.util
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, convert_to_openai_messages
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from rag.problems import RagError

NEW_TOKENS = 400  # of an answer


class LocalChatModel(BaseChatModel):
    """Generate with a transformers model, one answer at a time, the likeliest token each time."""

    name_or_path: str
    tokenizer: Any
    model: Any
    lock: Any

    @property
    def _llm_type(self) -> str:
        return "local"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        text = "".join(str(chunk.message.content) for chunk in self._stream(messages))
        return ChatResult(generations=[ChatGeneration(message=AIMessage(content=text))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        from transformers import StoppingCriteriaList, TextIteratorStreamer

        inputs = self.tokenizer.apply_chat_template(
            convert_to_openai_messages(messages), add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        given_up = threading.Event()
        streamer = TextIteratorStreamer(self.tokenizer, skip_prompt=True, skip_special_tokens=True)
        options = {
            **inputs,
            "streamer": streamer,
            "max_new_tokens": NEW_TOKENS,
            "do_sample": False,
            "stopping_criteria": StoppingCriteriaList([lambda *_, **__: given_up.is_set()]),
        }
        lengths: list[int] = []

        def generate() -> None:
            with self.lock:
                try:
                    lengths.append(self.model.generate(**options).shape[1] - inputs["input_ids"].shape[1])
                finally:
                    streamer.end()

        thread = threading.Thread(target=generate, name="generating", daemon=True)
        thread.start()
        try:
            for text in streamer:
                yield ChatGenerationChunk(message=AIMessageChunk(content=text))
        finally:
            given_up.set()
            thread.join()  # it ends with the token at hand
        reason = "length" if lengths and lengths[0] >= NEW_TOKENS else "stop" if lengths else "error"
        yield ChatGenerationChunk(message=AIMessageChunk(content="", response_metadata={"finish_reason": reason}))


def load_local(name: str) -> LocalChatModel:
    """Load a model from a folder, a `.gguf` file, or a Python package that carries one; nothing is downloaded."""
    path = locate(name)
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    logging.set_verbosity_error()
    folder, options = (path.parent, {"gguf_file": path.name}) if path.is_file() else (path, {})
    fast = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), **options)
        model = AutoModelForCausalLM.from_pretrained(
            str(folder), dtype=torch.bfloat16 if fast else torch.float32, **options
        )
    except Exception as error:  # formats raise many types
        raise RagError("model.load", path=path, detail=type(error).__name__) from error
    return LocalChatModel(name_or_path=name, tokenizer=tokenizer, model=model, lock=threading.Lock())


def locate(name: str) -> Path:
    """Find a model's folder or file."""
    path = Path(name).expanduser()
    if path.is_file() or (path / "config.json").is_file():
        return path
    if name.replace("-", "_").isidentifier():
        spec = importlib.util.find_spec(name.replace("-", "_"))
        for folder in (spec.submodule_search_locations or []) if spec else []:
            for found in sorted(Path(folder).rglob("*.gguf")):
                return found
    raise RagError("model.not_there", name=name)
