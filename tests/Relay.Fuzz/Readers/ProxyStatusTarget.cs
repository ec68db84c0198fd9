using System.Text;
using Relay.Fuzz.Engine;
using Relay.Protocol;

namespace Relay.Fuzz.Readers;

/// <summary>RFC 9209 §2, RFC 8941 §3: what is written into <c>Proxy-Status</c> of texts of others.</summary>
internal sealed class ProxyStatusTarget() : FuzzTarget(
    "one member with the parameters that were given, whatever their texts; it fits, or nothing is written")
{
    public override void Run(ReadOnlySpan<byte> input)
    {
        var choices = new Choices(input);
        var error = choices.Of(Enum.GetValues<ProxyErrorType>());
        var (hop, rcode, details) = (Text(ref choices), Text(ref choices), Text(ref choices));
        var field = ProxyStatus.Format(hop, error, rcode, details);
        var parameters = Parse(field);
        var expected = new List<string>();
        if (hop.Length > 0)
            expected.Add("next-hop");
        if (error != ProxyErrorType.None)
            expected.Add("error");
        if (error == ProxyErrorType.DnsError && rcode.Length > 0)
            expected.Add("rcode");
        if (details.Length > 0)
            expected.Add("details");
        Check.That(expected.SequenceEqual(parameters), $"the parameters, and no other: {field}");

        var buffer = new byte[field.Length];
        Check.That(ProxyStatus.TryFormat(buffer, out var written, hop, error, rcode, details), "it fits");
        Check.Same(field, Encoding.ASCII.GetString(buffer[..written]), "the same");
        foreach (var cut in Pieces.Cuts(field.Length - 1))
        {
            Check.That(!ProxyStatus.TryFormat(buffer.AsSpan(0, cut), out var none, hop, error, rcode, details), "it does not fit");
            Check.Same(0, none, "nothing is written");
        }
    }

    /// <summary>Any UTF-16, halves of pairs among it.</summary>
    private static string Text(ref Choices choices)
    {
        var text = new StringBuilder();
        for (var i = choices.Below(40); i > 0; i--)
            text.Append(choices.Below(4) == 0 ? (char)((choices.Byte() << 8) | choices.Byte()) : (char)choices.Byte());
        return text.ToString();
    }

    /// <summary>The names of the parameters (RFC 8941 §4.2.3.2).</summary>
    private static List<string> Parse(string field)
    {
        Check.That(field.All(static letter => letter is >= ' ' and <= '~'), "printable ASCII");
        Check.That(field.StartsWith(ProxyStatus.ProxyName, StringComparison.Ordinal), "the relay's name");
        var names = new List<string>();
        for (var at = ProxyStatus.ProxyName.Length; at < field.Length;)
        {
            Check.Same(';', field[at++], "a parameter begins");
            while (field[at] == ' ')
                at++;
            var end = field.IndexOf('=', at);
            Check.That(end > at, "a name");
            names.Add(field[at..end]);
            at = end + 1;
            if (field[at] != '"')
            {
                while (at < field.Length && field[at] != ';')
                    at++;
                continue;
            }
            for (at++; field[at] != '"'; at++)
            {
                if (field[at] == '\\')
                    Check.That(field[++at] is '"' or '\\', "an escape");
            }
            at++;
        }
        return names;
    }
}
