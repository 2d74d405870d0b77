"""What timebank is built from and what is handed out: the lock, licences, sizes, interpreters, wheel and sdist."""
