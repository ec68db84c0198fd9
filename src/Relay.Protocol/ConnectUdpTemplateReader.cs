using System.Text;

namespace Relay.Protocol;

/// <summary>
/// Reads URI templates of UDP tunnels (RFC 6570, at most of level 3; RFC 9298 §2): literals and expressions.
/// </summary>
internal sealed class ConnectUdpTemplateReader
{
    private const string Host = "target_host";
    private const string Port = "target_port";

    private readonly StringBuilder _literal = new();
    private readonly List<string> _literals = [];
    private readonly List<string> _variables = [];
    private bool _inQuery;

    private ConnectUdpTemplateReader()
    {
    }

    /// <summary>Reads one; the template, or what is wrong.</summary>
    public static (ConnectUdpTemplate? Template, string? Error) Read(string text)
    {
        if (!text.StartsWith('/'))
            return (null, $"'{text}' does not begin with a slash: a path is wanted, and a query if there is one");
        var reader = new ConnectUdpTemplateReader();
        if ((reader.ReadParts(text) ?? reader.FindFault()) is { } fault)
            return (null, $"'{text}' {fault}");
        var literals = reader._literals;
        return (
            new ConnectUdpTemplate(text, literals[0], literals[1], literals[2], reader._variables[0] == Host), null);
    }

    private string? ReadParts(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var end = text[i] == '{' ? text.IndexOf('}', i) : i;
            if (end < 0)
                return "has a brace that is not closed";
            var fault = text[i] == '{' ? ReadExpression(text[(i + 1)..end]) : ReadLiteral(text.AsSpan(i));
            if (fault is not null)
                return fault;
            i = end;
        }
        _literals.Add(_literal.ToString());
        return null;
    }

    private string? ReadLiteral(ReadOnlySpan<char> rest)
    {
        var isEncoded = rest is ['%', var high, var low, ..] && char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low);
        if (!isEncoded && !char.IsAsciiLetterOrDigit(rest[0]) && !"-._~!$&'()*+,;=:@/?".Contains(rest[0]))
            return $"has '{rest[0]}' where a path or a query cannot";
        _inQuery |= rest[0] == '?';
        _literal.Append(rest[0]);
        return null;
    }

    private string? ReadExpression(string expression)
    {
        // RFC 9298 §2: no reserved, fragment, label, path segment or path-style parameter expansion. The rest of what is no
        // letter is kept for extensions (RFC 6570 §2.2).
        var kind = expression is [var first, ..] && !char.IsAsciiLetterOrDigit(first) && first != '_' ? first : ' ';
        if (kind is not (' ' or '?' or '&'))
            return $"has '{{{kind}', an expansion that templates of UDP tunnels do not have (RFC 9298 §2)";
        if (kind != ' ' && _inQuery != (kind == '&'))
            return $"has '{{{kind}' {(_inQuery ? "after the query has begun: write {&" : "before a query: write {?")}";
        var separator = kind;
        foreach (var variable in (kind == ' ' ? expression : expression[1..]).Split(','))
        {
            if (variable is not (Host or Port))
                return $"has '{variable}', which is neither {Host} nor {Port}";
            if (_variables.Contains(variable))
                return $"has {variable} twice";
            _inQuery |= kind == '?';
            if (kind != ' ')
                _literal.Append(separator).Append(variable).Append('=');
            else if (separator == ',')
                _literal.Append(',');
            separator = kind == ' ' ? ',' : '&';
            _variables.Add(variable);
            _literals.Add(_literal.ToString());
            _literal.Clear();
        }
        return null;
    }

    private string? FindFault()
    {
        foreach (var variable in (string[])[Host, Port])
        {
            if (!_variables.Contains(variable))
                return $"has no {{{variable}}}";
        }
        // Else nobody could tell where the first one ends.
        return _literals[1] is [var next, ..] && next != '%' && !AsciiText.IsUnreserved((byte)next)
            ? null : "has nothing between its variables that is part of neither, such as a slash";
    }
}
