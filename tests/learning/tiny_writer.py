"""A llama of two layers with random weights, and a tokenizer of bytes: made in no time."""

from typing import Any

from app.learning.language.weights import Loaded

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def tokenizer() -> Any:
    """Every byte is a token; two more open and close turns."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    made = Tokenizer(models.BPE({one: at for at, one in enumerate(letters)}, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    marks = ("<|im_start|>", "<|im_end|>")
    made.add_special_tokens([AddedToken(one, special=True) for one in marks])
    found = PreTrainedTokenizerFast(
        tokenizer_object=made, bos_token=marks[0], eos_token=marks[1], pad_token=marks[1]
    )
    found.chat_template = TEMPLATE
    return found


def loaded() -> Loaded:
    """The same random weights each time."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=258, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
        num_attention_heads=4, num_key_value_heads=2, tie_word_embeddings=True,
        bos_token_id=256, eos_token_id=257, pad_token_id=257,
    )  # fmt: skip
    return Loaded(LlamaForCausalLM(config).eval(), tokenizer())
