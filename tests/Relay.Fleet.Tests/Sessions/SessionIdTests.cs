using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;

namespace Relay.Fleet.Tests.Sessions;

public class SessionIdTests
{
    [Fact]
    public void New_IsANameOfItsForm_AndNoSecondTimeTheSame()
    {
        string[] ids = [.. Enumerable.Range(0, 1000).Select(static _ => SessionId.New("edge-1"))];

        Assert.All(ids, static id => Assert.Matches("^[A-Za-z0-9_-]{21}1$", id));
        Assert.Equal(ids.Length, ids.Distinct().Count());
        Assert.Equal(ids.Length, ids.Select(static id => id[..17]).Distinct().Count());
    }

    /// <summary>Coordinators of another version read it as well.</summary>
    [Theory]
    [InlineData("edge-1", "WQJF")]
    [InlineData("a", "DCnI")]
    public void New_SaysWhichNodeItIs(string node, string as4) => Assert.Equal(as4, SessionId.New(node).Substring(17, 4));

    [Fact]
    public void MayBeOf_IsTrueOfItsNode_AndOfNoOtherOfTenThousandButByChance()
    {
        string[] nodes = [.. Enumerable.Range(0, 10_000).Select(static i => string.Create(CultureInfo.InvariantCulture, $"edge-{i:d4}"))];
        var id = SessionId.New("edge-0042");

        Assert.Contains("edge-0042", nodes.Where(node => SessionId.MayBeOf(id, node)));
        Assert.InRange(nodes.Count(node => SessionId.MayBeOf(id, node)), 1, 2);
    }

    [Fact]
    public void MayBeOf_OfWhatNodesOfBeforeMade_IsTrueOfAny()
    {
        for (var i = 0; i < 1000; i++)
            Assert.True(SessionId.MayBeOf(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)), "edge-1"));
        Assert.True(SessionId.MayBeOf("session-1", "edge-1"));
        Assert.True(SessionId.MayBeOf("", "edge-1"));
    }
}
