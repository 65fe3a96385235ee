"""The page on which people log in: plain HTML without a script, in French or English."""

from html import escape

from rag.text.language import Language

WORDS: dict[Language, dict[str, str]] = {
    "fr": {
        "title": "Connexion",
        "name": "Nom",
        "password": "Mot de passe",
        "enter": "Se connecter",
        "wrong": "Ce nom et ce mot de passe ne vont pas ensemble.",
        "paused": "Trop de mots de passe erronés\u00a0; réessayez dans {seconds}\u00a0secondes.",
    },
    "en": {
        "title": "Log in",
        "name": "Name",
        "password": "Password",
        "enter": "Log in",
        "wrong": "This name and this password do not belong together.",
        "paused": "Too many wrong passwords; try again in {seconds} seconds.",
    },
}


def preferred(accepted: str) -> Language:
    """Return the language that a browser asks for first (Accept-Language)."""
    return "fr" if accepted.strip().lower().startswith("fr") else "en"


def login_page(language: Language, name: str = "", problem: str = "") -> str:
    """Write the page; `data-plain` keeps the window's script out of it."""
    words = WORDS[language]
    notice = f'<p class="notice" role="alert">{escape(problem)}</p>' if problem else ""
    style = '<link rel="stylesheet" href="static/window/style.css">'
    return (
        f'<!doctype html><html lang="{language}"><head data-plain><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{words['title']}</title>{style}</head>"
        f'<body class="page"><main><h1>{words["title"]}</h1>{notice}'
        '<form method="post" action="login">'
        f'<p><label>{words["name"]}<br><input name="name" value="{escape(name)}" required '
        'autocomplete="username" autofocus></label></p>'
        f'<p><label>{words["password"]}<br><input name="password" type="password" required '
        'autocomplete="current-password"></label></p>'
        f"<p><button>{words['enter']}</button></p></form></main></body></html>"
    )
