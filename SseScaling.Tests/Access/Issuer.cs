using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace SseScaling.Tests.Access;

/// <summary>Gives tokens, as <c>dotnet user-jwts</c> does, by a key that lives as long as the test.</summary>
internal sealed class Issuer
{
    private const string Name = "test-issuer";
    private const string Audience = "sse";

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>What a replica must be told to take them.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("Authentication__Schemes__Bearer__ValidIssuer", Name),
        ("Authentication__Schemes__Bearer__ValidAudience", Audience),
        ("Authentication__Schemes__Bearer__SigningKeys__0__Issuer", Name),
        ("Authentication__Schemes__Bearer__SigningKeys__0__Value", Convert.ToBase64String(_key)),
    ];

    /// <summary>A token.</summary>
    /// <param name="user">Whose.</param>
    /// <param name="claims">Beside the user.</param>
    /// <param name="from">Since when it is valid. Default: now.</param>
    /// <param name="life">How long. Default 1 h.</param>
    /// <param name="audience">For whom.</param>
    public string Token(string user, IDictionary<string, object>? claims = null, DateTime? from = null, TimeSpan? life = null, string audience = Audience)
    {
        var start = from ?? DateTime.UtcNow.AddSeconds(-1);
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Name,
            Audience = audience,
            IssuedAt = start,
            NotBefore = start,
            Expires = start + (life ?? TimeSpan.FromHours(1)),
            Claims = new Dictionary<string, object>(claims ?? new Dictionary<string, object>()) { ["sub"] = user },
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(_key), SecurityAlgorithms.HmacSha256),
        });
    }

    /// <summary>A token that says of itself that it needs no signature.</summary>
    public static string Unsigned(string user) => string.Create(
        CultureInfo.InvariantCulture,
        $"{Encode("""{"alg":"none","typ":"JWT"}""")}.{Encode($$"""{"sub":"{{user}}","role":"operator","iss":"{{Name}}","aud":"{{Audience}}","exp":4102444800}""")}.");

    private static string Encode(string text) => Base64UrlEncoder.Encode(Encoding.UTF8.GetBytes(text));
}
