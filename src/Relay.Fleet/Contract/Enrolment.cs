namespace Relay.Fleet.Contract;

/// <summary>A link by which whoever has it gets one device of a user, once. The token in the link is never in it.</summary>
public sealed record Enrolment
{
    /// <summary>For how long it can be used; and for how long after that its use is remembered.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>What names it: base64 of SHA-256 over the token's characters.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Whose device comes of it.</summary>
    public required string User { get; init; }

    /// <summary>What the device is to be called; one that is there already has its name with a number after it.</summary>
    public required string Device { get; init; }

    /// <summary>Who asked for it, as the audit names callers.</summary>
    public required string By { get; init; }

    /// <summary>When it is over, by the clock of who keeps the users.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>What came of it; null as long as nobody has used it.</summary>
    public NewDevice? Used { get; init; }
}

/// <summary>An enrolment that is to begin.</summary>
/// <param name="Sha256">See <see cref="Enrolment.Sha256"/>.</param>
/// <param name="Device">See <see cref="Enrolment.Device"/>.</param>
/// <param name="By">See <see cref="Enrolment.By"/>.</param>
public sealed record NewEnrolment(string Sha256, string Device, string By)
{
    /// <summary>What a device is called where nobody has said.</summary>
    public const string UsualDevice = "device";

    /// <summary>Without the hash: it may be in a line of who called what.</summary>
    public override string ToString() => $"enrolment of {Device} by {By}";
}

/// <summary>An enrolment is used.</summary>
/// <param name="Sha256">See <see cref="Enrolment.Sha256"/>.</param>
/// <param name="Id">The id of the device that comes of it.</param>
/// <param name="Secret">What the device's secret hashes to, as <see cref="NewDevice.Sha256"/>.</param>
public sealed record EnrolmentUse(string Sha256, string Id, string Secret)
{
    /// <summary>Without the hashes: it may be in a line of who called what.</summary>
    public override string ToString() => $"use of an enrolment for {Id}";
}

/// <summary>The body of who asks for an enrolment.</summary>
public sealed record EnrolmentBody : IRequestBody
{
    /// <summary>What the device is to be called: 1 to 64 characters; absent for <c>device</c>.</summary>
    public string? Device { get; init; }

    /// <inheritdoc/>
    public IEnumerable<(string Field, string Detail)> Faults()
    {
        if (Device is not null && !UserDevice.IsName(Device))
            yield return ("device", UserDevice.NameRule);
    }
}

/// <summary>What is answered once to who asks for an enrolment, and can never be asked for again.</summary>
public sealed record EnrolmentLink
{
    /// <summary>Where the user goes: a secret.</summary>
    public required string Url { get; init; }

    /// <summary>When it is over.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>Its QR code in half blocks, dark on light, with the quiet zone: lines for a terminal.</summary>
    public required string QrText { get; init; }

    /// <summary>The same as a picture: an svg element without script and style.</summary>
    public required string QrSvg { get; init; }
}
