"""A text that every filter keeps."""

CODE = "".join(
    f"def function_{word}(first, second):\n    '''Combine two {word} values.'''\n    return first.{word} + second\n\n"
    for word in "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho".split()
)
