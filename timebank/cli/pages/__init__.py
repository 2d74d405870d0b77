"""Pages to print: one self-contained HTML file each, which asks for no network and runs no script."""
