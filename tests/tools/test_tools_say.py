from tools.say import Progress


def test_progress_without_terminal_shows_a_line_every_fifth(capsys):
    progress = Progress("Unpacking", 100)
    for done in range(101):
        progress.at(done)
    assert capsys.readouterr().err.split("\n") == [
        "Unpacking ...",
        "  20 %",
        "  40 %",
        "  60 %",
        "  80 %",
        "",
    ]
