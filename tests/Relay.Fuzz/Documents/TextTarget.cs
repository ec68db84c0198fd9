using System.Net;
using System.Text;
using Relay.Fleet.Contract;
using Relay.Fuzz.Engine;
using Relay.Hosting.Options;
using Relay.Node.Targets;

namespace Relay.Fuzz.Documents;

/// <summary>Texts of options and fields: prefixes, rules of targets, addresses, budgets.</summary>
internal sealed class TextTarget() : FuzzTarget(
    "what is taken is written in one way and read back as the same; what is refused has a reason")
{
    public override IReadOnlyList<byte[]> Words { get; } =
        [.. "192.0.2.0/24|2001:db8::/32|::ffff:|:|/|*.|:443|:1-65535|[|]|%|25%|0|example|udp/|tcp/".Split('|').Select(Encoding.ASCII.GetBytes)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (Prefix.TryParse(text, out var prefix))
        {
            Check.That(Prefix.TryParse(prefix.ToString(), out var again), $"a prefix is read back: {prefix}");
            Check.Same(prefix, again, "the same prefix");
        }
        if (DrainBudget.TryParse(text, out var budget))
        {
            Check.That(DrainBudget.TryParse(budget.ToString(), out var again), "a budget is read back");
            Check.Same(budget, again, "the same budget");
            Check.That(budget.Of(int.MaxValue) >= 1 && budget.Of(0) >= 1, "at least one node");
        }
        if (ListeningAddress.TryParse(text, out var address, out var error))
        {
            Check.That(ListeningAddress.TryParse(address.ToString(), out var again, out _), $"an address is read back: {address}");
            Check.Same<EndPoint>(address, again, "the same address");
        }
        else
            Check.That(error.Length > 0, "a reason");
        if (TargetRule.TryParse(text, out var rule, out var why))
        {
            Check.That(TargetRule.TryParse(rule.ToString(), out var again, out _), $"a rule is read back: {rule}");
            Check.Same(rule, again, "the same rule");
        }
        else
            Check.That(why.Length > 0, "a reason");
        _ = SessionCursor.Parse(text);
    }
}
