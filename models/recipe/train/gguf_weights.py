"""Weights and vocabulary between GGUF files and the decoder: read dequantised, written as plain numbers."""

import dataclasses
import hashlib
from collections.abc import Mapping
from pathlib import Path

import gguf
import numpy as np
import torch
from torch import Tensor

from models.recipe.train.architecture import Architecture
from models.recipe.train.coded_matrix import CodedMatrix
from models.recipe.train.decoder import Decoder

CONTROL = int(gguf.TokenType.CONTROL)
# The table of tokens, which is the head as well.
TABLE = "token_embd.weight"


class WeightsError(Exception):
    """A file of weights cannot be used; the message names it and what is wrong."""


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """A byte-level BPE vocabulary; tokens spell bytes as GPT-2's printable characters."""

    tokens: tuple[str, ...]
    token_kinds: tuple[int, ...]
    merges: tuple[str, ...]
    pre_tokenizer: str
    end_of_text: int

    @property
    def digest(self) -> str:
        """What tells two vocabularies apart, in sixteen digits."""
        spelled = "\n".join((self.pre_tokenizer, *self.tokens, *self.merges))
        return hashlib.sha256(spelled.encode()).hexdigest()[:16]

    def id_of(self, token: str) -> int:
        return self.tokens.index(token)


class GgufFile:
    """A GGUF file of the llama architecture, open for reading."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise WeightsError(f"There is no file {path}.")
        try:
            self.reader = gguf.GGUFReader(path)
        except ValueError as error:
            raise WeightsError(f"{path} is not a whole GGUF file: {error}.") from error
        self.path = path
        if self.field("general.architecture") != "llama":
            raise WeightsError(f"{path} holds the architecture {self.field('general.architecture')}, not llama.")

    def field(self, name: str, default: object = None) -> object:
        """The value of a metadata field. Raises WeightsError when it is missing and has no default."""
        found = self.reader.get_field(name)
        if found is None:
            if default is None:
                raise WeightsError(f"{self.path} has no field {name}.")
            return default
        return found.contents()

    def architecture(self) -> Architecture:
        hidden, heads = self.field("llama.embedding_length"), self.field("llama.attention.head_count")
        return Architecture(
            layers=self.field("llama.block_count"),
            hidden=hidden,
            heads=heads,
            key_value_heads=self.field("llama.attention.head_count_kv"),
            head_size=hidden // heads,
            feed_forward=self.field("llama.feed_forward_length"),
            vocabulary=len(self.field("tokenizer.ggml.tokens")),
            context=self.field("llama.context_length"),
            rope_base=float(self.field("llama.rope.freq_base", 10_000.0)),
            # GGUF stores a float32; the shortest decimal that rounds to it is the number that was meant.
            norm_epsilon=float(f"{self.field('llama.attention.layer_norm_rms_epsilon'):.7g}"),
        )

    def vocabulary(self) -> Vocabulary:
        return Vocabulary(
            tokens=tuple(self.field("tokenizer.ggml.tokens")),
            token_kinds=tuple(self.field("tokenizer.ggml.token_type")),
            merges=tuple(self.field("tokenizer.ggml.merges")),
            pre_tokenizer=str(self.field("tokenizer.ggml.pre")),
            end_of_text=int(self.field("tokenizer.ggml.eos_token_id")),
        )

    def state(self) -> dict[str, Tensor]:
        """All tensors as float32, by the decoder's names, which are GGUF's own."""
        shape = self.architecture()
        state: dict[str, Tensor] = {}
        for tensor in self.reader.tensors:
            values = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
            state[tensor.name] = halves_apart(torch.from_numpy(values.copy()), tensor.name, shape)
        if "output.weight" in state:
            raise WeightsError(f"{self.path} has an output matrix of its own; the recipe trains tied ones alone.")
        return state


def read_decoder(path: Path, exit_gains: tuple[int, ...] = ()) -> tuple[Decoder, Vocabulary]:
    """The decoder of a GGUF file and its vocabulary. Raises WeightsError."""
    file = GgufFile(path)
    decoder = Decoder(file.architecture(), exit_gains)
    missing, unknown = decoder.load_state_dict(file.state(), strict=False)
    missing = [name for name in missing if not name.startswith("exit_gains.")]
    if missing or unknown:
        raise WeightsError(f"{path} does not fit: missing {missing[:3]}, unknown {list(unknown)[:3]}.")
    return decoder, file.vocabulary()


def halves_apart(values: Tensor, name: str, shape: Architecture) -> Tensor:
    """GGUF keeps rotary pairs of queries and keys as neighbours; the decoder keeps them half a head apart."""
    if not name.endswith(("attn_q.weight", "attn_k.weight")):
        return values
    rows, columns = values.shape
    return values.view(-1, shape.head_size // 2, 2, columns).transpose(1, 2).reshape(rows, columns)


def neighbours(values: Tensor, name: str, shape: Architecture) -> Tensor:
    """The inverse of `halves_apart`."""
    if not name.endswith(("attn_q.weight", "attn_k.weight")):
        return values
    rows, columns = values.shape
    return values.view(-1, 2, shape.head_size // 2, columns).transpose(1, 2).reshape(rows, columns)


def write_gguf(
    path: Path,
    decoder: Decoder,
    vocabulary: Vocabulary,
    about: dict[str, str],
    exits: tuple[int, ...],
    four_bits: bool = False,
    coded: Mapping[str, CodedMatrix] | None = None,
) -> None:
    """
    Writes weights so that any reader of GGUF takes them; a half-written file never gets the name.

    They are float32, or, for a network that was trained with `four_bits`, matrices of Q4_1 with the table of tokens
    in Q8_0, as the published file has them: the very numbers that such a network computed with. Matrices that are
    `coded` already, by the decoder's names, keep their codes.
    """
    shape = decoder.shape
    temporary = path.with_suffix(".tmp")
    writer = gguf.GGUFWriter(temporary, "llama")
    for key, text in about.items():
        writer.add_string(key, text)
    writer.add_block_count(shape.layers)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.hidden)
    writer.add_feed_forward_length(shape.feed_forward)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.key_value_heads)
    writer.add_rope_dimension_count(shape.head_size)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.norm_epsilon)
    writer.add_vocab_size(shape.vocabulary)
    kept_as = gguf.LlamaFileType.MOSTLY_Q4_1 if four_bits else gguf.LlamaFileType.ALL_F32
    writer.add_file_type(int(kept_as))
    # Depths at which the model was trained to speak; readers that do not know the field pass over it.
    writer.add_array("candor.trained_exits", list(exits))
    # What prompt_format.py sends; published models read the text before the cursor first.
    writer.add_string("candor.infilling_order", "suffix-first")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(vocabulary.pre_tokenizer)
    writer.add_token_list(list(vocabulary.tokens))
    writer.add_token_types(list(vocabulary.token_kinds))
    writer.add_token_merges(list(vocabulary.merges))
    writer.add_bos_token_id(vocabulary.end_of_text)
    writer.add_eos_token_id(vocabulary.end_of_text)
    for name, values in decoder.state_dict().items():
        if not name.startswith("exit_gains."):
            plain = neighbours(values.float().cpu(), name, shape).contiguous().numpy()
            if four_bits and coded is not None and name in coded:
                rows = neighbours(torch.arange(len(plain)).unsqueeze(1), name, shape).flatten()
                kind = gguf.GGMLQuantizationType.Q4_1
                writer.add_tensor(name, coded[name].in_order(rows).packed(), raw_dtype=kind)
                continue
            if not four_bits or plain.ndim < 2:
                writer.add_tensor(name, plain)
                continue
            kind = gguf.GGMLQuantizationType.Q8_0 if name == TABLE else gguf.GGMLQuantizationType.Q4_1
            writer.add_tensor(name, gguf.quants.quantize(plain, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    temporary.replace(path)
