namespace Relay.Admin.Http;

/// <summary>
/// The body of an operator's request. Every member is optional to the reader, so that one that is wrong does not hide
/// what is wrong with the others; what must be there is said by <see cref="Validate"/>.
/// </summary>
internal interface IRequestBody
{
    /// <summary>
    /// Notes what is wrong; a field that could not be read at all is noted already, and is null here.
    /// </summary>
    void Validate(FieldErrors errors);
}
