using System.Net;
using System.Text;
using Relay.Fuzz.Engine;
using Relay.Protocol;

namespace Relay.Fuzz.Readers;

/// <summary>RFC 9110 §9.3.6: the target of CONNECT, and a host by itself.</summary>
internal sealed class AuthorityTarget() : FuzzTarget(
    "what is taken has one spelling, which is read back; an address is what the platform takes it for")
{
    public override IReadOnlyList<byte[]> Words { get; } =
        [.. "[|]|::|::ffff:|:443|.|0x|127.1|.example|%|-|_|65535|fe80::|a".Split('|').Select(Encoding.ASCII.GetBytes)];

    public override void Run(ReadOnlySpan<byte> input)
    {
        if (TargetAuthority.TryParse(input, out var target))
            Examine(target);
        else
            Check.Same(default, target, "nothing where it is refused");
        if (TargetAuthority.TryCreate(input, 53, out var host))
            Examine(host);
        else
            Check.Same(default, host, "nothing where it is refused");
    }

    /// <summary>What is true of every target that was taken.</summary>
    public static void Examine(in TargetAuthority target)
    {
        Check.That(target.Port is >= 1 and <= 65535, "a port");
        Check.That(target.Host.Length is >= 1 and <= 255, "a host's length");
        foreach (var letter in target.Host)
            Check.That(letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '.' or '-' or '_' or ':', "a host's letters");
        Check.That(TargetAuthority.TryParse(Encoding.ASCII.GetBytes(target.ToString()), out var again), "its text is read back");
        Check.Same(target, again, "the same target");
        Check.Same(target, new TargetAuthority(target.Host, target.Port), "of its parts");
        if (target.IsIpLiteral)
            Check.Same(IPAddress.Parse(target.Host), target.Address, "the address of its text");
        else
            Check.That(!IPAddress.TryParse(target.Host, out _), "no name that is an address to others");
    }
}
