using Relay.Fleet.Contract;

namespace Relay.Node.Targets;

/// <summary>The rules of an operator, and the longest-prefix match over them.</summary>
internal sealed class TargetRuleTable
{
    private readonly TargetRule[] _allow;
    private readonly TargetRule[] _deny;

    /// <summary>A table; the order of the rules does not matter.</summary>
    public TargetRuleTable(IReadOnlyList<TargetRule> allow, IReadOnlyList<TargetRule> deny)
    {
        _allow = Order(allow);
        _deny = Order(deny);
    }

    /// <summary>Finds the most specific rules for an address and port. Never allocates.</summary>
    public Match Find(AddressBits address, int port)
    {
        int deny = LongestMatch(_deny, address, port, namingPorts: false);
        int allow = LongestMatch(_allow, address, port, namingPorts: false);
        int allowNamingPort = LongestMatch(_allow, address, port, namingPorts: true);
        return new Match(
            Denied: deny >= 0 && deny >= allow,
            AllowLength: allow > deny ? allow : -1,
            PortAllowed: allowNamingPort > deny);
    }

    private static int LongestMatch(TargetRule[] rules, AddressBits address, int port, bool namingPorts)
    {
        foreach (var rule in rules)
        {
            if (rule.Matches(address, port) && (!namingPorts || rule.NamesPorts))
                return rule.Prefix.Length;
        }

        return -1;
    }

    private static TargetRule[] Order(IReadOnlyList<TargetRule> rules) =>
        [.. rules.OrderByDescending(rule => rule.Prefix.Length)];

    /// <summary>What the rules say.</summary>
    /// <param name="Denied">A deny rule matches, and no allow rule has a longer prefix.</param>
    /// <param name="AllowLength">The prefix length of the allow rule that decides, or −1 if none does.</param>
    /// <param name="PortAllowed">An allow rule that names the port matches, and no denial is as specific.</param>
    internal readonly record struct Match(bool Denied, int AllowLength, bool PortAllowed)
    {
        /// <summary>Whether an allow rule decides.</summary>
        public bool Allowed => AllowLength >= 0;
    }
}
