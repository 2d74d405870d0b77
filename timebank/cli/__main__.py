"""`python -m timebank.cli` is `timebank`."""

from timebank.cli import main

if __name__ == "__main__":
    main(prog_name="timebank")
