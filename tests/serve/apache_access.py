# SPDX-License-Identifier: Apache-2.0
"""Random access control for Apache: Require in its containers, Order/Allow/Deny, Basic auth."""
from apache_expr import expression
from apache_words import NETS


def require(maker, positive=False):
    """One Require line."""
    pick, chance = maker.pick, maker.chance
    kind = maker.rng.random()
    if kind < 0.4:
        text = pick(["all granted", "all granted", "all granted", "all denied", "all denied"])
    elif kind < 0.6:
        text = "ip " + " ".join(pick(NETS) for _ in range(maker.rng.randint(1, 2)))
    elif kind < 0.65:
        text = "local"
    elif kind < 0.73:
        text = "env " + pick(["ok", "no", "nope", "ok no", "seg"])
    elif kind < 0.8:
        text = "method " + pick(["GET", "POST", "GET POST", "GET HEAD OPTIONS", "PUT", "HEAD"])
    elif kind < 0.9:
        expr = expression(maker.rng, maker.env)
        text = 'expr "%s"' % expr if chance(0.6) else "expr " + expr
    else:
        text = pick(["valid-user", "user admin", "group staff", "valid-user", "host example.org"])
    return "Require %s%s" % ("" if positive or chance(0.7) else "not ", text)


def container(maker, depth=0, inside_all=False):
    """A RequireAll, RequireAny or RequireNone block."""
    kinds = ["RequireAll", "RequireAll", "RequireAny", "RequireNone"]
    kind = maker.pick(kinds[:4 if inside_all else 3])
    out = [require(maker, True)]
    for _ in range(maker.rng.randint(0, 2)):
        if depth < 2 and maker.chance(0.3):
            out += container(maker, depth + 1, kind == "RequireAll")
        else:
            out.append(require(maker, kind != "RequireAll"))
    return block(kind, "", out)


def block(name, argument, lines):
    """A section with its lines indented."""
    return (["<%s%s>" % (name, " " + argument if argument else "")]
            + ["    " + line for line in lines] + ["</%s>" % name])


def requires(maker):
    """All that decides in one section's authorization."""
    pick = maker.rng.random()
    if pick < 0.3:
        return ["Require all granted"]
    if pick < 0.48:
        return ["Require all denied"]
    out = []
    for _ in range(maker.rng.randint(1, 3)):
        out += container(maker) if maker.chance(0.25) else [require(maker, True)]
    if maker.chance(0.15):
        out.append("AuthMerging " + maker.pick(["And", "Or", "Off", "and"]))
    return out


def legacy(maker):
    """mod_access_compat."""
    if "access_compat" not in maker.env["modules"]:
        return []
    pick, out = maker.pick, []
    if maker.chance(0.8):
        out.append("Order " + pick(["allow,deny", "deny,allow", "Allow,Deny", "mutual-failure",
                                    "Deny,Allow"]))
    for _ in range(maker.rng.randint(0, 3)):
        who = pick(["all", "all", "env=ok", "env=!ok", "env=no"] + NETS)
        out.append("%s from %s" % (pick(["Allow", "Deny", "allow", "deny"]), who))
    if maker.chance(0.15):
        out.append("Satisfy " + pick(["any", "all", "Any"]))
    return out


def auth(maker):
    """AuthType Basic with what goes with it."""
    if maker.chance(0.12):
        return ["AuthType None"] + (requires(maker) if maker.chance(0.5) else [])
    out = ["AuthType Basic", 'AuthName "x"']
    if maker.chance(0.9):
        out.append("AuthUserFile %s/users" % maker.env["base"])
    if maker.chance(0.2):
        out.append("AuthGroupFile %s/groups" % maker.env["base"])
    out += [maker.pick(["Require valid-user", "Require user admin", "Require group staff"])]
    if maker.chance(0.3):
        out += requires(maker)
    if maker.chance(0.25) and "access_compat" in maker.env["modules"]:
        out += ["Satisfy any"] if maker.chance(0.7) else []
        out += legacy(maker)
    return out


def limits(maker):
    """<Limit> and <LimitExcept>."""
    inner = requires(maker) if maker.chance(0.7) else legacy(maker) or ["Require all denied"]
    name = maker.pick(["Limit", "Limit", "LimitExcept"])
    return block(name, maker.pick(["GET", "POST", "GET POST", "PUT DELETE", "HEAD", "OPTIONS"]),
                 inner)
