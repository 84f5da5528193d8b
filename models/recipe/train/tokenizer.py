"""Text to token ids by the vocabulary of the weights, exactly as the language server does it."""

from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from models.recipe.train.gguf_weights import Vocabulary, WeightsError


class TextEncoder:
    """Encodes plain text. Markup inside a text is spelled with ordinary tokens, as in the language server."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.ids = {token: id for id, token in enumerate(vocabulary.tokens)}
        merges = [tuple(merge.split(" ", 1)) for merge in vocabulary.merges]
        self.library = Tokenizer(models.BPE(vocab=self.ids, merges=merges))
        self.library.pre_tokenizer = pre_tokenizer(vocabulary.pre_tokenizer)

    def encode(self, text: str) -> list[int]:
        """Ids of a text."""
        return self.library.encode(text, add_special_tokens=False).ids

    def special(self, token: str) -> int:
        """The id of a special token. Raises WeightsError."""
        if token not in self.ids:
            raise WeightsError(f"The vocabulary has no special token {token}.")
        return self.ids[token]


def pre_tokenizer(name: str) -> pre_tokenizers.PreTokenizer:
    """How text is cut before merging, by llama.cpp's names. Raises WeightsError."""
    bytes_apart = pre_tokenizers.ByteLevel(add_prefix_space=False)
    if name == "gpt-2":
        return bytes_apart
    if name in ("smollm", "starcoder"):
        digits_apart = pre_tokenizers.Split(Regex(r"\p{N}"), "isolated")
        return pre_tokenizers.Sequence([digits_apart, bytes_apart])
    raise WeightsError(f"The tokenizer cuts text in the way {name!r}, which the recipe does not know.")
