"""
Gemma-2 in plain functions over a dictionary of weights that has the names of Transformers, so that rounded, averaged or
LoRA-adapted weights are just another dictionary. `check` compares it with Transformers' own.
"""

import math
from dataclasses import dataclass
from typing import Callable

import torch
import torch.nn.functional as nn

Weights = dict[str, torch.Tensor]
NORMS = ("input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm")
EMBEDDING = "model.embed_tokens.weight"
FINAL_NORM = "model.norm.weight"


@dataclass(frozen=True)
class Config:
    hidden: int = 128
    layers: int = 6
    heads: int = 4
    kv_heads: int = 2
    head_dim: int = 32
    intermediate: int = 512
    soft_cap: float = 50.0
    final_cap: float = 30.0
    theta: float = 10000.0
    eps: float = 1e-6

    def linears(self) -> dict[str, tuple[int, int]]:
        """Output and input features of the linear layers of a decoder layer."""
        h, q, kv, i = self.hidden, self.heads * self.head_dim, self.kv_heads * self.head_dim, self.intermediate
        return {
            "self_attn.q_proj": (q, h), "self_attn.k_proj": (kv, h), "self_attn.v_proj": (kv, h),
            "self_attn.o_proj": (h, q), "mlp.gate_proj": (i, h), "mlp.up_proj": (i, h), "mlp.down_proj": (h, i),
        }  # fmt: skip

    def linear_names(self) -> list[str]:
        return [f"model.layers.{i}.{name}.weight" for i in range(self.layers) for name in self.linears()]

    def transformers(self, vocabulary: int) -> dict:
        """config.json of the causal language model."""
        return {
            "architectures": ["Gemma2ForCausalLM"], "attention_bias": False, "attention_dropout": 0.0,
            "attn_logit_softcapping": self.soft_cap, "bos_token_id": 2, "dtype": "float16", "eos_token_id": 1,
            "final_logit_softcapping": self.final_cap, "head_dim": self.head_dim,
            "hidden_activation": "gelu_pytorch_tanh", "hidden_size": self.hidden, "initializer_range": 0.02,
            "intermediate_size": self.intermediate,
            "layer_types": [("sliding_attention", "full_attention")[i % 2] for i in range(self.layers)],
            "max_position_embeddings": 8192, "model_type": "gemma2", "num_attention_heads": self.heads,
            "num_hidden_layers": self.layers, "num_key_value_heads": self.kv_heads, "pad_token_id": 0,
            "query_pre_attn_scalar": self.head_dim, "rms_norm_eps": self.eps,
            "rope_parameters": {"rope_theta": self.theta, "rope_type": "default"}, "sliding_window": 4096,
            "tie_word_embeddings": True, "use_cache": True, "vocab_size": vocabulary,
        }  # fmt: skip


def init_weights(config: Config, vocabulary: int, device: torch.device, seed: int = 0) -> Weights:
    generator = torch.Generator().manual_seed(seed)
    weights = {EMBEDDING: torch.randn(vocabulary, config.hidden, generator=generator) * 0.05}
    for layer in range(config.layers):
        for norm in NORMS:
            # Branches start at half strength.
            value = -0.5 if norm.startswith("post") else 0.0
            weights[f"model.layers.{layer}.{norm}.weight"] = torch.full((config.hidden,), value)
        for name, (out, inp) in config.linears().items():
            weights[f"model.layers.{layer}.{name}.weight"] = torch.randn(out, inp, generator=generator) * inp**-0.5
    weights[FINAL_NORM] = torch.zeros(config.hidden)
    return {name: value.to(device) for name, value in weights.items()}


def rms_norm(x: torch.Tensor, weight: torch.Tensor, eps: float) -> torch.Tensor:
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + eps) * (1 + weight)


def rotary(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    first, second = x.float().chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, second * cos + first * sin), dim=-1).to(x.dtype)


def decoder_layer(config: Config, dtype: torch.dtype) -> Callable:
    """
    One decoder layer as a function of the residual stream [B, T, H] (float32), the rotary tables and the layer's eleven
    weights. Products are in `dtype`, the rest in float32.
    """

    def layer(x, cos, sin, n1, n2, n3, n4, wq, wk, wv, wo, wg, wu, wd):
        B, T, _ = x.shape
        product = lambda y, w: nn.linear(y.to(dtype), w.to(dtype))
        split = lambda y, heads: y.view(B, T, heads, config.head_dim).transpose(1, 2)
        y = rms_norm(x, n1, config.eps)
        q, k, v = split(product(y, wq), config.heads), split(product(y, wk), config.kv_heads), product(y, wv)
        repeat = config.heads // config.kv_heads
        k = rotary(k, cos, sin).repeat_interleave(repeat, dim=1)
        v = split(v, config.kv_heads).repeat_interleave(repeat, dim=1)
        q = rotary(q, cos, sin) * config.head_dim**-0.5
        scores = (q @ k.transpose(2, 3)).float()
        scores = torch.tanh(scores / config.soft_cap) * config.soft_cap
        places = torch.arange(T, device=x.device)
        scores = scores.masked_fill(places[None, :] > places[:, None], -1e9)
        mixed = torch.softmax(scores, dim=-1).to(dtype) @ v
        y = product(mixed.transpose(1, 2).reshape(B, T, -1), wo).float()
        x = x + rms_norm(y, n2, config.eps)
        y = rms_norm(x, n3, config.eps)
        y = product(nn.gelu(product(y, wg), approximate="tanh") * product(y, wu), wd).float()
        return x + rms_norm(y, n4, config.eps)

    return layer


def rotary_tables(config: Config, length: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    half = torch.arange(0, config.head_dim, 2, dtype=torch.float32, device=device) / config.head_dim
    angles = torch.arange(length, dtype=torch.float32, device=device)[:, None] / config.theta**half
    return angles.cos(), angles.sin()


def forward(
    config: Config, weights: Weights, ids: torch.Tensor, layer: Callable, dropout: float = 0.0
) -> torch.Tensor:
    """Final-normed hidden states [B, T, H]. Causal attention: padding on the right changes nothing before it."""
    cos, sin = rotary_tables(config, ids.shape[1], ids.device)
    x = nn.embedding(ids, weights[EMBEDDING]) * math.sqrt(config.hidden)
    x = nn.dropout(x, dropout, training=dropout > 0)
    for i in range(config.layers):
        names = [*NORMS, *config.linears()]
        x = layer(x, cos, sin, *(weights[f"model.layers.{i}.{name}.weight"] for name in names))
    return rms_norm(x, weights[FINAL_NORM], config.eps)


def pooled(hidden: torch.Tensor, length: torch.Tensor) -> torch.Tensor:
    """Hidden states at `<eos>`."""
    return hidden[torch.arange(len(length), device=hidden.device), length - 1]


def check(config: Config, weights: Weights) -> float:
    """Largest difference of a language-model logit from Transformers' Gemma2ForCausalLM, float32, on the CPU."""
    from transformers import Gemma2Config, Gemma2ForCausalLM

    weights = {name: value.detach().float().cpu() for name, value in weights.items()}
    vocabulary = len(weights[EMBEDDING])
    settings = config.transformers(vocabulary) | {"dtype": "float32"}
    theirs = Gemma2ForCausalLM(Gemma2Config(**settings, attn_implementation="eager"))
    missing, unexpected = theirs.load_state_dict(weights, strict=False)
    assert set(missing) <= {"lm_head.weight"} and not unexpected, (missing, unexpected)
    theirs.tie_weights()
    ids = torch.randint(4, vocabulary, (2, 50), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = theirs.eval()(ids).logits
        hidden = forward(config, weights, ids, decoder_layer(config, torch.float32))
        logits = config.final_cap * torch.tanh(hidden @ weights[EMBEDDING].T / config.final_cap)
    return (logits - expected).abs().max().item()
