namespace Relay.Node.Tests.Carriers;

/// <summary>Every version of HTTP that carries requests, as logs and metrics call it.</summary>
public sealed class HttpVersions : TheoryData<string>
{
    public HttpVersions() => AddRange("1.1", "2", "3");
}

/// <summary>Every two of them.</summary>
public sealed class HttpVersionPairs : TheoryData<string, string>
{
    public HttpVersionPairs()
    {
        Add("1.1", "2");
        Add("1.1", "3");
        Add("2", "3");
    }
}
