using System.Net.Sockets;
using Relay.Node.Egress;
using Relay.Node.Targets;
using Relay.Node.Tests.Io;
using Relay.Node.Tunnels;
using Relay.Protocol;

namespace Relay.Node.Tests.Egress;

/// <summary>RFC 8305 §3: two questions, and when to go on with what is answered.</summary>
public class NameLookupTests
{
    private const AddressFamily V4 = AddressFamily.InterNetwork;
    private const AddressFamily V6 = AddressFamily.InterNetworkV6;

    private static readonly ResolveResult Ipv4 = ResolveResult.Found([IPAddress.Parse("192.0.2.1")]);
    private static readonly ResolveResult Ipv6 = ResolveResult.Found([IPAddress.Parse("2001:db8::1")]);

    private readonly Simulation _simulation = new();
    private readonly FakeLoop _loop;
    private readonly Resolver _resolver = new();
    private readonly List<string> _heard = [];

    public NameLookupTests() => _loop = new FakeLoop(_simulation);

    [Fact]
    public void IPv4First_IPv6Silent_GoesOnAfter50Milliseconds()
    {
        Start(V6, V4);
        Answer(V4, Ipv4);
        Go(Time.Milliseconds(49));
        Assert.Empty(_heard);
        Go(Time.Milliseconds(1));
        Assert.Equal(["192.0.2.1 and more"], _heard);

        Answer(V6, ResolveResult.Timeout);
        Assert.Equal(["192.0.2.1 and more", ""], _heard);
        Assert.Equal(0, _loop.Timers.Count);
    }

    [Fact]
    public void IPv4First_IPv6InTime_IsInFront()
    {
        Start(V6, V4);
        Answer(V4, Ipv4);
        Go(Time.Milliseconds(49));
        Answer(V6, Ipv6);
        Go(Time.Seconds(1));
        Assert.Equal(["2001:db8::1 192.0.2.1"], _heard);
    }

    [Fact]
    public void IPv4First_IPv6Late_IsAddedLater()
    {
        Start(V6, V4);
        Answer(V4, Ipv4);
        Go(Time.Seconds(3));
        Answer(V6, Ipv6);
        Assert.Equal(["192.0.2.1 and more", "2001:db8::1"], _heard);
    }

    [Fact]
    public void IPv6First_GoesOnAtOnce()
    {
        Start(V6, V4);
        Answer(V6, Ipv6);
        Assert.Equal(["2001:db8::1 and more"], _heard);
        Answer(V4, Ipv4);
        Assert.Equal(["2001:db8::1 and more", "192.0.2.1"], _heard);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OneFamilyHasNone_TheOtherIsNotKeptWaiting(bool noneFirst)
    {
        Start(V6, V4);
        if (noneFirst)
            Answer(V6, ResolveResult.NotFound);
        Answer(V4, Ipv4);
        if (!noneFirst)
            Answer(V6, ResolveResult.NotFound);
        Assert.Equal(["192.0.2.1"], _heard);
    }

    [Fact]
    public void BothKnown_AreToldWithinTheCall()
    {
        _resolver.Known[V4] = Ipv4;
        _resolver.Known[V6] = Ipv6;
        Start(V6, V4);
        Assert.Equal(["2001:db8::1 192.0.2.1"], _heard);
    }

    [Theory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void OneFamilyAsked_TheOtherIsNot(AddressFamily family)
    {
        Start(family);
        Assert.Equal([family], _resolver.Asked.Keys);
        Answer(family, family == V4 ? Ipv4 : Ipv6);
        Assert.Equal([family == V4 ? "192.0.2.1" : "2001:db8::1"], _heard);
    }

    // A family that is silent may have what the other has not: nobody may say that there is nothing.
    [Theory]
    [InlineData("NotFound", "NotFound", ProxyErrorType.DnsError, "NXDOMAIN")]
    [InlineData("NotFound", "Timeout", ProxyErrorType.DnsTimeout, null)]
    [InlineData("Timeout", "NotFound", ProxyErrorType.DnsTimeout, null)]
    [InlineData("Failure", "NotFound", ProxyErrorType.DnsError, null)]
    [InlineData("NotFound", "Overloaded", ProxyErrorType.ConnectionLimitReached, null)]
    [InlineData("Overloaded", "Timeout", ProxyErrorType.DnsTimeout, null)]
    public void NoAddress_IsToldOnceBothHaveFailed(string first, string second, ProxyErrorType error, string? rcode)
    {
        Start(V6, V4);
        Answer(V6, Named(first));
        Go(Time.Seconds(5));
        Assert.Empty(_heard);
        Answer(V4, Named(second));
        var details = error == ProxyErrorType.ConnectionLimitReached ? "resolver busy" : null;
        Assert.Equal([$"{new ConnectFailure(error, Rcode: rcode, Details: details)}"], _heard);
    }

    [Fact]
    public void NoAddressOfTheOnlyFamily_HasNoRcode()
    {
        Start(V4);
        Answer(V4, ResolveResult.NotFound);
        Assert.Equal([$"{new ConnectFailure(ProxyErrorType.DnsError)}"], _heard);
    }

    [Fact]
    public void NoFamilyAtAll_IsUnroutable()
    {
        Start();
        Assert.Equal([$"{new ConnectFailure(ProxyErrorType.DestinationIpUnroutable)}"], _heard);
    }

    private static ResolveResult Named(string name) => name switch
    {
        "NotFound" => ResolveResult.NotFound,
        "Timeout" => ResolveResult.Timeout,
        "Overloaded" => ResolveResult.Overloaded,
        _ => ResolveResult.Failure,
    };

    private void Start(params AddressFamily[] families) => new NameLookup(
        _loop,
        new NoOwner(),
        (addresses, more) => _heard.Add(string.Join(' ', addresses) + (more ? " and more" : "")),
        failure => _heard.Add($"{failure}"))
        .Start(_resolver, "name.test", 0, families);

    private void Answer(AddressFamily family, ResolveResult result)
    {
        _resolver.Asked[family].SetResult(result);
        _loop.RunReady();
    }

    private void Go(ulong time)
    {
        _simulation.Run(time);
        _loop.Timers.Fire(_loop.Now);
    }

    private sealed class Resolver : ITargetResolver
    {
        public Dictionary<AddressFamily, TaskCompletionSource<ResolveResult>> Asked { get; } = [];

        public Dictionary<AddressFamily, ResolveResult> Known { get; } = [];

        public ValueTask<ResolveResult> ResolveAsync(
            string host, AddressFamily family, ulong source, CancellationToken cancellationToken)
        {
            Asked.Add(family, new TaskCompletionSource<ResolveResult>());
            return Known.TryGetValue(family, out var known)
                ? ValueTask.FromResult(known) : new ValueTask<ResolveResult>(Asked[family].Task);
        }
    }
}
