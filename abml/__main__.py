"""`python -m abml` is `abmlc`."""

from abml.cli import main

if __name__ == "__main__":
    main()
