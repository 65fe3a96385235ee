"""What is counted while the program runs: amounts and times, no text and no names."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)

questions = Counter("rag_questions", "Questions that were answered or refused.", ["kind", "language"])
refusals = Counter("rag_refusals", "Questions that were refused.", ["language"])
stage_seconds = Histogram("rag_stage_seconds", "Seconds of a question, by stage.", ["stage"], buckets=SECONDS)
model_calls = Counter("rag_model_calls", "Requests to a language model.")
model_faults = Counter("rag_model_faults", "Requests to a language model that failed.", ["kind"])
uploads = Counter("rag_uploads", "Files that were to be indexed, by what became of them.", ["outcome"])
index_documents = Gauge("rag_index_documents", "Documents in the index.")
index_passages = Gauge("rag_index_passages", "Passages in the index.")
index_version = Gauge("rag_index_version", "Changes since the index was made.")
