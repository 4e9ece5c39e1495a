"""A page that tells which container answered, and how the request came to it."""
import socket

from django.http import HttpResponse, JsonResponse
from django.template import Context, Engine
from django.urls import path

PAGE = Engine().from_string(
    """<!doctype html>
<title>Django on ECS</title>
<link rel="stylesheet" href="/static/style.css">
<h1>Django behind nginx, on ECS</h1>
<dl>{% for name, value in facts.items %}<dt>{{ name }}</dt><dd>{{ value }}</dd>{% endfor %}</dl>
"""
)


def addresses():
    """The container's own IPv4 addresses, from the kernel's routing table; without the loopback's."""
    found = []
    last = ""
    with open("/proc/net/fib_trie", encoding="ascii") as table:
        for line in table:
            if "|--" in line:
                last = line.split()[-1]
            elif "/32 host LOCAL" in line and not last.startswith("127.") and last not in found:
                found.append(last)
    return found


def facts(request):
    return {
        "hostname": socket.gethostname(),
        "addresses": ", ".join(addresses()),
        "asked by": request.META.get("REMOTE_ADDR", ""),
        "X-Forwarded-For": request.headers.get("X-Forwarded-For", ""),
        "Host": request.headers.get("Host", ""),
    }


def page(request):
    return HttpResponse(PAGE.render(Context({"facts": facts(request)})))


def where(request):
    return JsonResponse(facts(request))


urlpatterns = [path("", page), path("where", where)]
