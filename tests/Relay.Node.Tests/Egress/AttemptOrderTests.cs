using Relay.Node.Egress;

namespace Relay.Node.Tests.Egress;

/// <summary>RFC 8305 §4.</summary>
public class AttemptOrderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData("A B C", "A B C")]
    [InlineData("A a", "A a")]
    [InlineData("a A", "a A")]
    [InlineData("A B C a b c", "A a B b C c")]
    [InlineData("A B C a", "A a B C")]
    [InlineData("a A B C", "a A B C")]
    [InlineData("a b c A", "a A b c")]
    [InlineData("a A b B", "a A b B")]
    [InlineData("A B a C b D", "A a B b C D")]
    public void Interleave_TakesTurnsFromTheFirstFamily(string resolved, string expected) =>
        Assert.Equal(expected, string.Join(' ', AttemptOrder.Interleave([.. resolved
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Endpoint)]).Select(Letter)));

    // Capital letters stand for IPv6 addresses, small ones for IPv4.
    private static IPEndPoint Endpoint(string letter) => new(char.IsUpper(letter[0])
        ? IPAddress.Parse($"2001:db8::{(int)letter[0]}") : IPAddress.Parse($"192.0.2.{(int)letter[0]}"), 443);

    private static char Letter(IPEndPoint endpoint) => endpoint.Address.ToString() is var text && text.Contains(':')
        ? (char)int.Parse(text[(text.LastIndexOf(':') + 1)..]) : (char)endpoint.Address.GetAddressBytes()[3];
}
