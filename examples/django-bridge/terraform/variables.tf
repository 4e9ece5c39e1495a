variable "region" {
  type    = string
  default = "ap-northeast-1"
}

variable "step" {
  type        = string
  description = "Where in the article: 1 bridge, 1b bridge by name (fails), 2 awsvpc, 3 two tasks on t2.micro (one is refused), 4 two tasks on t2.small, 5 two services."
  default     = "1"

  validation {
    condition     = contains(["1", "1b", "2", "3", "4", "5"], var.step)
    error_message = "The step is 1, 1b, 2, 3, 4 or 5."
  }
}

variable "image_prefix" {
  type        = string
  description = "Where the images were pushed, for example <account>.dkr.ecr.ap-northeast-1.amazonaws.com."
  default     = "000000000000.dkr.ecr.ap-northeast-1.amazonaws.com"
}

variable "nginx_count" {
  type        = number
  description = "In step 5."
  default     = 1
}

variable "gunicorn_count" {
  type        = number
  description = "In step 5."
  default     = 1
}

variable "vpc_cidr" {
  type    = string
  default = "10.1.0.0/16"
}

locals {
  name = "ecs-django"

  # What each step changes, and nothing else.
  steps = {
    "1"  = { network = "bridge", conf = "bridge", instance_type = "t2.micro", instances = 1, tasks = 1 }
    "1b" = { network = "bridge", conf = "name", instance_type = "t2.micro", instances = 1, tasks = 1 }
    "2"  = { network = "awsvpc", conf = "awsvpc", instance_type = "t2.micro", instances = 1, tasks = 1 }
    "3"  = { network = "awsvpc", conf = "awsvpc", instance_type = "t2.micro", instances = 1, tasks = 2 }
    "4"  = { network = "awsvpc", conf = "awsvpc", instance_type = "t2.small", instances = 1, tasks = 2 }
    "5"  = { network = "awsvpc", conf = "discovery", instance_type = "t2.small", instances = 2, tasks = 0 }
  }
  now    = local.steps[var.step]
  bridge = local.now.network == "bridge"
  split  = var.step == "5"
}
