namespace Relay.Node.Users;

/// <summary>Why a node does not take users that it is given.</summary>
internal enum UserRefusal
{
    /// <summary>They are of another store than those that it has.</summary>
    OtherStore,

    /// <summary>There are none, in place of those that it has.</summary>
    Empty,

    /// <summary>They are older than those that it has, of the same store.</summary>
    Older,

    /// <summary>They make no sense.</summary>
    Malformed,
}

/// <summary>What metrics call it.</summary>
internal static class UserRefusalNames
{
    /// <summary>Its name.</summary>
    public static string Of(UserRefusal reason) => reason switch
    {
        UserRefusal.OtherStore => "other_store",
        UserRefusal.Empty => "empty",
        UserRefusal.Older => "older",
        _ => "malformed",
    };
}
