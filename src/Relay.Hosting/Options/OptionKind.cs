namespace Relay.Hosting.Options;

/// <summary>How many values an option takes.</summary>
public enum OptionKind
{
    /// <summary>One value; given more than once in one place is an error.</summary>
    Single,

    /// <summary>Any number of values: the option repeated, a comma-separated variable, a JSON array.</summary>
    Repeatable,

    /// <summary>Present or not; <c>true</c> or <c>false</c> in a variable or file.</summary>
    Flag,
}
