"""Run the command line: `python -m telegraphql`."""

from telegraphql.gateway.cli.main import main

if __name__ == "__main__":
    main()
