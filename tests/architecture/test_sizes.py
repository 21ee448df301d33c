"""Files and functions stay small. The five largest are printed, so that a failure says where to look."""

from statistics import median, quantiles

from tests.architecture.sources import ROOT, functions, length, product_files


def _file_lengths() -> list[int]:
    by_size = sorted(((len(path.read_text().splitlines()), path) for path in product_files()), reverse=True)
    print("largest files:", [(lines, str(path.relative_to(ROOT))) for lines, path in by_size[:5]])
    return [lines for lines, _ in by_size]


def _function_lengths() -> list[int]:
    by_size = sorted(
        ((length(node), f"{path.name}:{node.name}") for path in product_files() for node in functions(path)),
        reverse=True,
    )
    print("largest functions:", by_size[:5])
    return [lines for lines, _ in by_size]


def test_files_are_small() -> None:
    lengths = _file_lengths()

    assert median(lengths) < 120
    assert quantiles(lengths, n=20)[-1] < 400
    assert max(lengths) <= 600


def test_functions_are_small() -> None:
    lengths = _function_lengths()

    assert median(lengths) < 10
    assert quantiles(lengths, n=20)[-1] < 40
    assert max(lengths) <= 80
