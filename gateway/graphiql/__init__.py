"""The GraphiQL page."""

from telegraphql.gateway.web_page import WebPage

PAGE = WebPage("graphiql", "GraphiQL", "/graphiql", __file__)
