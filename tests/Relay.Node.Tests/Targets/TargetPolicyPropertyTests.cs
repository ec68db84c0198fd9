using Relay.Fleet.Contract;
using Relay.Node.Counters;
using Relay.Node.Targets;

namespace Relay.Node.Tests.Targets;

/// <summary>What must hold of every address of a built-in range: its ends, and a sample of fixed seed.</summary>
public class TargetPolicyPropertyTests
{
    private const int SamplesPerRange = 300;

    private static readonly TargetPolicy Defaults = new([], [], [], []);

    // All IPv6 is allowed by rule, so that only what is embedded can be the reason of a denial.
    private static readonly TargetPolicy AllIPv6Allowed = new(
        [.. ((string[])["::/0", "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"])
            .Select(TargetRule.Parse)],
        [], [], []);

    public static TheoryData<string> IPv4Ranges => [.. Ranges(ipv4: true)];

    public static TheoryData<string> IPv6Ranges => [.. Ranges(ipv4: false)];

    [Theory]
    [MemberData(nameof(IPv4Ranges))]
    public void Check_IPv4Range_IsDeniedInEveryForm(string range)
    {
        foreach (var address in Sample(range))
        {
            uint ipv4 = (uint)address.Value;
            AssertDenied(Defaults, address.ToIPAddress());
            foreach (var (form, bits) in Disguises(ipv4))
            {
                var disguised = new AddressBits(false, bits).ToIPAddress();
                AssertDenied(Defaults, disguised);
                var inAllowedRange = AllIPv6Allowed.Check(disguised, 443, TargetProtocol.Udp);
                if (form == "mapped")
                    Assert.NotEqual(PolicyVerdict.Allowed, inAllowedRange);
                else if (bits > 1) // :: and ::1 are allowed by name here
                    Assert.Equal(PolicyVerdict.EmbeddedAddress, inAllowedRange);
            }
        }
    }

    [Theory]
    [MemberData(nameof(IPv6Ranges))]
    public void Check_IPv6Range_IsDenied(string range)
    {
        foreach (var address in Sample(range))
        {
            // ::ffff:0:0/96 lies in ::/3 and is IPv4.
            if (!address.ToIPAddress().IsIPv4MappedToIPv6)
                AssertDenied(Defaults, address.ToIPAddress());
        }
    }

    [Fact]
    public void Check_EmbeddedPublicAddress_IsAllowedWhenTheRangeIs()
    {
        uint ipv4 = (uint)AddressBits.Of(IPAddress.Parse("8.8.4.4")).Value;
        var forms = Disguises(ipv4).Where(d => d.Form is not ("local-use 48" or "local-use 56" or "local-use 64"
            or "local-use 96"));
        foreach (var (form, bits) in forms)
        {
            var address = new AddressBits(false, bits).ToIPAddress();
            Assert.True(AllIPv6Allowed.Check(address, 443, TargetProtocol.Tcp) == PolicyVerdict.Allowed, form);
        }
    }

    private static IEnumerable<(string Form, UInt128 Bits)> Disguises(uint ipv4)
    {
        UInt128 v = ipv4;
        yield return ("mapped", Of("::ffff:0:0") | v);
        yield return ("compatible", v);
        yield return ("translated", Of("::ffff:0:0:0") | v);
        yield return ("NAT64", Of("64:ff9b::") | v);
        yield return ("6to4", Of("2002::1") | v << 80);
        yield return ("Teredo server", Of("2001::f7f7:fbfb") | v << 64);
        yield return ("Teredo client", Of("2001:0:808:404::") | (UInt128)~ipv4);
        yield return ("ISATAP", Of("2606:4700::5efe:0:0") | v);
        yield return ("ISATAP, universal", Of("2606:4700::200:5efe:0:0") | v);
        yield return ("local-use 96", Of("64:ff9b:1::") | v);
        yield return ("local-use 64", Of("64:ff9b:1::") | v << 24);
        yield return ("local-use 56", Of("64:ff9b:1::") | (v >> 24) << 64 | (v & 0xffffff) << 32);
        yield return ("local-use 48", Of("64:ff9b:1::") | (v >> 16) << 64 | (v & 0xffff) << 40);
    }

    private static UInt128 Of(string address)
    {
        // As IPv6 whatever it is: AddressBits would make IPv4 of a mapped one.
        Span<byte> bytes = IPAddress.Parse(address).GetAddressBytes();
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private static IEnumerable<string> Ranges(bool ipv4) =>
        SpecialPurposeRanges.All.Where(r => r.Prefix.IsIPv4 == ipv4).Select(r => r.Prefix.ToString());

    private static IEnumerable<AddressBits> Sample(string range)
    {
        var prefix = Prefix.Parse(range);
        int free = prefix.Network.Width - prefix.Length;
        UInt128 hostMask = free == 0 ? UInt128.Zero : UInt128.MaxValue >> (128 - free);
        var random = new Random(9298);
        yield return prefix.Network;
        yield return prefix.Network with { Value = prefix.Network.Value | hostMask };
        for (int i = 0; i < SamplesPerRange; i++)
        {
            var bits = new UInt128((ulong)random.NextInt64(long.MinValue, long.MaxValue),
                (ulong)random.NextInt64(long.MinValue, long.MaxValue));
            yield return prefix.Network with { Value = prefix.Network.Value | (bits & hostMask) };
        }
    }

    private static void AssertDenied(TargetPolicy policy, IPAddress address)
    {
        foreach (var protocol in Enum.GetValues<TargetProtocol>())
        {
            if (policy.Check(address, 443, protocol) == PolicyVerdict.Allowed)
                Assert.Fail($"{address} is allowed");
        }
    }
}
