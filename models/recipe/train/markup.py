"""The special tokens of a prompt, by name."""

PREFIX, SUFFIX, MIDDLE = "<fim_prefix>", "<fim_suffix>", "<fim_middle>"
FILE = "<file_sep>"
END = "<|endoftext|>"
