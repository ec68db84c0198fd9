using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Relay.Fleet.Contract;

namespace Relay.Node.Targets;

/// <summary>One <c>--allow-target</c> or <c>--deny-target</c>: addresses, and perhaps a range of ports.</summary>
/// <param name="Prefix">The addresses.</param>
/// <param name="FirstPort">The lowest port, 1–65535, or 0 if the rule names no ports and so matches all.</param>
/// <param name="LastPort">The highest port, not below <paramref name="FirstPort"/>; 0 if it names none.</param>
internal sealed record TargetRule(Prefix Prefix, int FirstPort = 0, int LastPort = 0)
{
    /// <summary>Whether the rule names ports.</summary>
    public bool NamesPorts => FirstPort != 0;

    /// <summary>Whether the rule is about this address and port.</summary>
    public bool Matches(AddressBits address, int port) =>
        Prefix.Contains(address) && (!NamesPorts || (port >= FirstPort && port <= LastPort));

    /// <summary>Reads <c>CIDR[:PORT[-PORT]]</c>, as in <c>10.0.0.0/8</c>, <c>127.0.0.0/8:8000-9000</c>,
    /// <c>2001:db8::/32</c>, <c>[2001:db8::/32]:443</c>. A bare address is a block of one.</summary>
    /// <param name="text">The text, without surrounding blanks.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="error">Otherwise, the offending text and what is wrong with it.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out TargetRule? rule, [NotNullWhen(false)] out string? error)
    {
        rule = null;
        if (!TrySplit(text, out var cidr, out var ports, out error))
            return false;
        if (!Prefix.TryParseAddressOrBlock(cidr, out var prefix, out error))
            return false;
        int first = 0, last = 0;
        if (ports is not null && !TryParsePorts(ports, out first, out last, out error))
            return false;
        rule = new TargetRule(prefix, first, last);
        return true;
    }

    /// <summary>A rule from text that is known to be well formed.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static TargetRule Parse(string text) =>
        TryParse(text, out var rule, out string? error) ? rule : throw new FormatException(error);

    /// <summary>The rule as it can be parsed again.</summary>
    public override string ToString()
    {
        if (!NamesPorts)
            return Prefix.ToString();
        string ports = FirstPort == LastPort ? $"{FirstPort}" : $"{FirstPort}-{LastPort}";
        return Prefix.IsIPv4 ? $"{Prefix}:{ports}" : $"[{Prefix}]:{ports}";
    }

    private static bool TrySplit(
        string text, out string cidr, out string? ports, [NotNullWhen(false)] out string? error)
    {
        (cidr, ports, error) = (text, null, null);
        if (text.Length == 0)
        {
            error = "an empty rule";
            return false;
        }

        if (text[0] == '[')
        {
            int close = text.IndexOf(']');
            if (close < 0)
                error = $"'{text}' has no closing bracket";
            else if (!text.AsSpan(1, close - 1).Contains(':'))
                error = $"'{text}': brackets are for IPv6 only";
            else if (close + 1 < text.Length && text[close + 1] != ':')
                error = $"'{text[(close + 1)..]}' follows the bracket: expected [CIDR]:PORT, with the length inside";
            else if (close + 1 < text.Length)
                ports = text[(close + 2)..];
            cidr = close < 0 ? text : text[1..close];
            return error is null;
        }

        // One colon parts IPv4 from its ports; more belong to an IPv6 address, which needs brackets to have ports.
        int colon = text.IndexOf(':');
        if (colon >= 0 && colon == text.LastIndexOf(':'))
            (cidr, ports) = (text[..colon], text[(colon + 1)..]);
        return true;
    }

    private static bool TryParsePorts(string text, out int first, out int last, [NotNullWhen(false)] out string? error)
    {
        int dash = text.IndexOf('-');
        string low = dash < 0 ? text : text[..dash];
        string high = dash < 0 ? text : text[(dash + 1)..];
        last = 0;
        error = null;
        if (!TryParsePort(low, out first))
            error = $"'{low}' is not a port in 1–65535";
        else if (!TryParsePort(high, out last))
            error = $"'{high}' is not a port in 1–65535";
        else if (first > last)
            error = $"'{text}' is an empty range: {first} is above {last}";
        return error is null;
    }

    private static bool TryParsePort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is >= 1 and <= 65535;
}
