"""What a hero's own page tells, as clients see it."""

import strawberry

from models.heroes import StoryMediaType


@strawberry.type(description="A wide picture.")
class HeroBackground:
    url: str = strawberry.field(description="Address of the picture.")
    sizes: list[str] = strawberry.field(
        description="The screen sizes it is made for: `min`, `xs`, `sm`, `md`, `lg`, `xl+`."
    )


@strawberry.type(description="A short film of an ability.")
class AbilityVideo:
    thumbnail: str = strawberry.field(description="Address of a still.")
    mp4: str = strawberry.field(description="Address of the film as MP4.")
    webm: str = strawberry.field(description="Address of the film as WebM.")


@strawberry.type(description="Something a hero can do.")
class Ability:
    name: str = strawberry.field(description="The ability's name.")
    description: str = strawberry.field(description="What it does.")
    icon: str = strawberry.field(description="Address of its icon.")
    video: AbilityVideo | None = strawberry.field(description="A film of it, where the page has one.")


@strawberry.type(description="A perk, or a power of Stadium.")
class Perk:
    name: str = strawberry.field(description="The perk's name.")
    description: str = strawberry.field(description="What it changes.")
    icon: str = strawberry.field(description="Address of its icon.")


@strawberry.type(description="The perks to choose from in a match.")
class Perks:
    minor: list[Perk] = strawberry.field(metadata={"size": 2}, description="Of these, one is chosen first.")
    major: list[Perk] = strawberry.field(metadata={"size": 2}, description="Of these, one is chosen later.")


@strawberry.type(description="A film, a short story or a comic.")
class StoryMedia:
    type: StoryMediaType = strawberry.field(description="Which of them it is.")
    link: str = strawberry.field(description="Where it is found.")


@strawberry.type(description="A part of a hero's story.")
class StoryChapter:
    title: str = strawberry.field(description="The chapter's title.")
    content: str = strawberry.field(description="The chapter's text.")
    picture: str = strawberry.field(description="Address of its picture.")


@strawberry.type(description="Where a hero comes from.")
class Story:
    summary: str = strawberry.field(description="The story in short.")
    media: StoryMedia | None = strawberry.field(description="More of it in another form, where there is any.")
    chapters: list[StoryChapter] = strawberry.field(metadata={"size": 5}, description="The story in parts.")
