using System.Net.NetworkInformation;
using Relay.Node.Counters;
using Relay.Node.Targets;

namespace Relay.Node.Tests.Targets;

public class TargetPolicySourceTests
{
    private readonly List<IPAddress> _addresses = [IPAddress.Parse("8.8.4.4")];
    private readonly TargetPolicySource _source;

    public TargetPolicySourceTests()
    {
        _source = new TargetPolicySource(
            [IPEndPoint.Parse("0.0.0.0:443")], () => _addresses);
        _source.UseEgress([TargetRule.Parse("9.0.0.0/24")]);
        _source.Use([], []);
    }

    [Fact]
    public void Rules_Replaced_HoldForTheNextTarget_AndASnapshotStaysAsItIs()
    {
        var before = _source.Current;
        _source.Use([TargetRule.Parse("10.0.0.0/8")], [TargetRule.Parse("8.8.8.8")]);
        Assert.Equal(("Private", "Allowed"), (Check(before, "10.0.0.1"), Check(before, "8.8.8.8")));
        Assert.Equal(
            ("Allowed", "DeniedByRule"), (Check(_source.Current, "10.0.0.1"), Check(_source.Current, "8.8.8.8")));
        _source.Use([], []);
        Assert.Equal(("Private", "Allowed"), (Check(_source.Current, "10.0.0.1"), Check(_source.Current, "8.8.8.8")));
    }

    [Fact]
    public void Rules_Replaced_LeaveWhatNoOperatorWrote()
    {
        _source.Use([TargetRule.Parse("0.0.0.0/0")], []);
        Assert.Equal("DeniedByRule", Check(_source.Current, "9.0.0.1"));
        Assert.Equal(
            PolicyVerdict.OwnAddress, _source.Current.Check(IPAddress.Parse("8.8.4.4"), 443, TargetProtocol.Tcp));
    }

    [Fact]
    public void Egress_Replaced_IsDeniedAtOnce_AndWhatItWasIsNot()
    {
        _source.UseEgress([TargetRule.Parse("9.0.1.0/24")]);
        Assert.Equal(
            ("Allowed", "DeniedByRule"), (Check(_source.Current, "9.0.0.1"), Check(_source.Current, "9.0.1.1")));
    }

    [Fact]
    public void Addresses_OfTheMachine_AreFollowed()
    {
        var before = _source.Current;
        _source.Refresh();
        Assert.Same(before, _source.Current);
        _addresses.Add(IPAddress.Parse("8.8.8.8"));
        Assert.Equal("Allowed", Check(_source.Current, "8.8.8.8"));
        _source.Refresh();
        Assert.Equal(
            ("LocalAddress", "LocalAddress"), (Check(_source.Current, "8.8.8.8"), Check(_source.Current, "8.8.4.4")));
        Assert.Equal(
            PolicyVerdict.OwnAddress, _source.Current.Check(IPAddress.Parse("8.8.8.8"), 443, TargetProtocol.Tcp));
        _addresses.RemoveAt(0);
        _source.Refresh();
        Assert.Equal("Allowed", Check(_source.Current, "8.8.4.4"));
    }

    [Theory]
    [InlineData(typeof(NetworkInformationException))]
    [InlineData(typeof(IOException))] // open files are used up
    [InlineData(typeof(System.Net.Sockets.SocketException))]
    public void Addresses_ThatCannotBeListed_StayAsTheyWere(Type failure)
    {
        var fail = false;
        var source = new TargetPolicySource(
            [], () => fail ? throw (Exception)Activator.CreateInstance(failure)! : _addresses);
        source.Use([], []);
        fail = true;
        source.Refresh();
        Assert.Equal("LocalAddress", Check(source.Current, "8.8.4.4"));
        source.Use([], [TargetRule.Parse("8.8.8.8")]);
        Assert.Equal(
            ("LocalAddress", "DeniedByRule"), (Check(source.Current, "8.8.4.4"), Check(source.Current, "8.8.8.8")));
    }

    private static string Check(TargetPolicy policy, string address) =>
        policy.Check(IPAddress.Parse(address), 80, TargetProtocol.Tcp).ToString();
}
