using Relay.Fleet.Limits;

namespace Relay.Fleet.Tests.Limits;

public class LimitIdentityTests
{
    /// <summary>Names in certificates and tokens are others', and may end as they like.</summary>
    [Theory]
    [InlineData("cert:san:uri:urn:device:", true)]
    [InlineData("jwt:https://id.example|alice:", true)]
    [InlineData("credential:a:", true)]
    [InlineData("cert:", false)]
    [InlineData("certificate:", false)]
    [InlineData("credential:", false)]
    [InlineData("jwt:", false)]
    [InlineData("other:alice", false)]
    public void Identity_ThatALimitMayBeOf(string identity, bool isOne) => Assert.Equal(isOne, LimitDecider.IsIdentity(identity));
}
